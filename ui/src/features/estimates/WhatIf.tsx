// What the home would be worth with other facts: asked of the same model.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '~/components/Button'
import { TextField } from '~/components/Field'
import { ErrorState } from '~/components/states'
import { count, money, moneyRange, moneySigned } from '~/format/numbers'
import { sentence } from '~/format/words'
import type { Home } from '~/features/homes/home'
import styles from './Home.module.css'
import { whatIfQuery } from './queries'
import type { Changes } from './url'

interface Props {
  home: Home
  /** The estimate of the home as it is. */
  value: number
  changes: Changes
  onChange: (changes: Changes) => void
}

const FACTS = [
  { name: 'living_area_sqft', label: 'Living area, sqft', most: 50_000 },
  { name: 'bedrooms', label: 'Bedrooms', most: 30 },
  { name: 'bathrooms', label: 'Bathrooms', most: 30 },
] as const

export function WhatIf({ home, value, changes, onChange }: Props) {
  const { data, error, refetch } = useQuery({ ...whatIfQuery(home, changes), placeholderData: keepPreviousData })
  const set = (name: string, to: number, was: unknown) => {
    const rest = Object.fromEntries(Object.entries(changes).filter(([other]) => other !== name))
    onChange(to === was ? rest : { ...rest, [name]: to })
  }
  const attributes = Object.entries(home.attributes as Record<string, unknown>)
  const isChanged = Object.keys(changes).length > 0
  const other = isChanged ? (data?.estimate ?? null) : null
  return (
    <section className={`${styles.part} ${styles.ask}`}>
      <h2>What if</h2>
      <div className={styles.fields}>
        {FACTS.map(({ name, label, most }) => (
          <NumberField key={`${name} ${changes[name] ?? ''}`} label={label} was={home[name]} now={changes[name]} most={most} onSet={(to) => set(name, to, home[name])} />
        ))}
        {attributes.map(([name, was]) => typeof was === 'number' && (
          <NumberField key={`${name} ${changes[name] ?? ''}`} label={sentence(name)} was={was} now={changes[name]} most={1_000_000} onSet={(to) => set(name, to, was)} />
        ))}
        {attributes.map(([name, was]) => typeof was === 'boolean' && (
          <label key={name} className={styles.flag}>
            <input type="checkbox" checked={(changes[name] ?? Number(was)) === 1} onChange={(event) => set(name, Number(event.target.checked), Number(was))} />
            {sentence(name)}
          </label>
        ))}
      </div>
      {error !== null && isChanged && <ErrorState error={error} what="The estimate" onRetry={() => void refetch()} />}
      <div className={styles.outcome} aria-live="polite">
        {!isChanged ? <span className={styles.quiet}>Change a fact to see what it does to the value.</span>
          : other !== null ? (
            <>
              <b className={styles.figure}>{money(Math.round(other.value))}</b>
              <span><b>{moneySigned(Math.round(other.value - value))}</b> from the home as it is; 80 of 100 from {moneyRange(Math.round(other.interval80[0] ?? other.value), Math.round(other.interval80[1] ?? other.value))}</span>
              <Button look="plain" icon="undo" onClick={() => onChange({})}>As it is</Button>
            </>
          ) : data?.refused != null && <span>No estimate: {data.refused.reason}</span>}
      </div>
    </section>
  )
}

interface NumberProps {
  label: string
  was: number | null | undefined
  now: number | undefined
  most: number
  onSet: (value: number) => void
}

/** Taken over when it is left or Enter is pressed; an arrow steps and asks at once. */
function NumberField({ label, was, now, most, onSet }: NumberProps) {
  const [problem, setProblem] = useState<string>()
  const take = (text: string) => {
    if (text.trim() === '') return
    const value = Number(text)
    const fits = Number.isFinite(value) && value >= 0 && value <= most
    setProblem(fits ? undefined : `A number up to ${most}`)
    if (fits && value !== (now ?? was)) onSet(value)
  }
  return (
    <TextField
      label={label} type="number" min={0} step="any" defaultValue={now ?? was ?? ''} problem={problem} hint={now === undefined ? undefined : was == null ? 'not known today' : `is ${count(was)} today`}
      onBlur={(event) => take(event.target.value)} onKeyDown={(event) => { if (event.key === 'Enter') take(event.currentTarget.value) }}
    />
  )
}
