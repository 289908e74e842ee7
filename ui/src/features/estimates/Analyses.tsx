// Analyses of a home: asked for here, calculated by the server, with every number that went in and every formula.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { fieldMessages, tell } from '~/api/errors'
import { Button } from '~/components/Button'
import { TextField } from '~/components/Field'
import { ErrorState } from '~/components/states'
import { Time } from '~/components/Time'
import { plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import { atLeast, useSession } from '~/state/session'
import styles from './Home.module.css'
import { analysesQuery, analysisQuery, askAnalysis, isUnderWay, type Calculation, type Inputs, type Kind } from './queries'
import { figureWords, kinds, origins } from './words'

export default function Analyses({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(analysesQuery(id))
  return (
    <section className={styles.part}>
      <h2>Analyses</h2>
      {error !== null && <ErrorState error={error} what="The analyses" onRetry={() => void refetch()} />}
      <div>{kinds.map((one) => <Analysis key={one.kind} listing={id} about={one} latest={data?.items.find(({ kind }) => kind === one.kind)} />)}</div>
    </section>
  )
}

/** What a kind has to be given; the others need nothing. */
const NEEDS: Partial<Record<Kind, readonly (keyof Inputs)[]>> = {
  cash_flow: ['monthly_rent', 'annual_expenses', 'loan', 'interest_rate', 'term_years'],
  rental_yield: ['monthly_rent', 'annual_expenses'],
}
const FIELDS: Partial<Record<keyof Inputs, { label: string; required?: Kind[]; share?: true }>> = {
  monthly_rent: { label: 'Rent a month, $', required: ['cash_flow', 'rental_yield'] },
  annual_expenses: { label: 'Expenses a year, $', required: ['cash_flow'] },
  loan: { label: 'Loan, $' },
  interest_rate: { label: 'Interest a year, %', share: true },
  term_years: { label: 'Term, years' },
}

interface Props {
  listing: string
  about: (typeof kinds)[number]
  latest: Calculation | undefined
}

function Analysis({ listing, about: { kind, title, about, headline, say }, latest }: Props) {
  const client = useQueryClient()
  const canAsk = atLeast(useSession().role, 'analyst')
  const ask = useMutation({ mutationFn: (inputs: Inputs) => askAnalysis(kind, listing, inputs) })
  const asked = useQuery({ ...analysisQuery(ask.data?.id ?? ''), enabled: ask.data !== undefined && isUnderWay(ask.data) })
  const newest = ask.data === undefined ? latest : (asked.data ?? ask.data)
  const underWay = ask.isPending || (newest !== undefined && isUnderWay(newest))
  const done = newest?.state === 'done' ? newest.id : undefined
  useEffect(() => {
    if (done !== undefined) void client.invalidateQueries({ queryKey: analysesQuery(listing).queryKey })
  }, [client, done, listing])
  const result = newest?.result ?? null
  const main = result?.figures.find(({ name }) => name === headline)
  return (
    <details className={styles.analysis}>
      <summary>
        <b>{title}</b>
        <span>{underWay ? 'Calculating' : result === null ? 'Not asked yet' : result.refused != null ? 'Not enough data' : main === undefined ? 'Done' : say(figureWords(main.value, main.unit), main.value)}</span>
      </summary>
      <div className={styles.inside}>
        <p className={styles.quiet}>{about}{result !== null && <> From {plural(result.n, 'home')}, calculated <Time at={result.calculated_at} style="exact" />.</>}</p>
        {newest?.state === 'failed' && <p role="alert">It failed: {newest.error ?? 'the server does not say why'}.</p>}
        {result?.refused != null && <p><b>No figures:</b> {result.refused}.</p>}
        {result !== null && result.refused == null && <Figures result={result} />}
        {canAsk && (
          <Ask kind={kind} given={newest?.inputs} busy={underWay} again={result !== null} error={ask.error} onAsk={(inputs) => ask.mutate(inputs)} />
        )}
      </div>
    </details>
  )
}

function Figures({ result: { figures, inputs, changes } }: { result: NonNullable<Calculation['result']> }) {
  return (
    <>
      <table className={styles.table}>
        <thead><tr><th scope="col">Figure</th><th scope="col">Value</th><th scope="col">How</th></tr></thead>
        <tbody>
          {figures.map(({ name, value, unit, formula }) => (
            <tr key={name}><th scope="row">{sentence(name)}</th><td><b>{figureWords(value, unit)}</b></td><td className={styles.how}>{formula}</td></tr>
          ))}
        </tbody>
      </table>
      <h3>What went in</h3>
      <ul className={styles.inputs}>
        {inputs.map(({ name, value, unit, origin }) => <li key={name}>{sentence(name)} <b>{figureWords(value, unit)}</b>, {origins[origin]}</li>)}
      </ul>
      {changes.length > 0 && (
        <>
          <h3>Changed since the analysis before</h3>
          <ul className={styles.inputs}>
            {changes.map(({ name, unit, from, to }) => <li key={name}>{sentence(name)} from {from == null ? 'none' : figureWords(from, unit)} to <b>{to == null ? 'none' : figureWords(to, unit)}</b></li>)}
          </ul>
        </>
      )}
    </>
  )
}

interface AskProps {
  kind: Kind
  given: Inputs | undefined
  busy: boolean
  again: boolean
  error: unknown
  onAsk: (inputs: Inputs) => void
}

function Ask({ kind, given, busy, again, error, onAsk }: AskProps) {
  const needs = NEEDS[kind] ?? []
  const [typed, setTyped] = useState<Partial<Record<keyof Inputs, string>>>({})
  const shown = (name: keyof Inputs) => typed[name] ?? written(given?.[name], FIELDS[name]?.share)
  const inputs: Inputs = Object.fromEntries(
    needs.flatMap((name) => {
      const value = Number(shown(name))
      return shown(name).trim() === '' || !Number.isFinite(value) ? [] : [[name, FIELDS[name]?.share === true ? value / 100 : value]]
    }),
  )
  const lacks = needs.some((name) => FIELDS[name]?.required?.includes(kind) === true && inputs[name] === undefined)
  const problems = fieldMessages(error)
  return (
    <form className={styles.askForm} onSubmit={(event) => { event.preventDefault(); onAsk(inputs) }}>
      {needs.map((name) => (
        <TextField key={name} label={FIELDS[name]?.label ?? name} inputMode="decimal" required={FIELDS[name]?.required?.includes(kind)} value={shown(name)} onChange={(event) => setTyped((before) => ({ ...before, [name]: event.target.value }))} problem={problems[`inputs/${name}`]} />
      ))}
      {error != null && Object.keys(problems).length === 0 && <p role="alert">{tell(error, 'The analysis').text}</p>}
      <Button type="submit" disabled={busy || lacks}>{busy ? 'Calculating' : again ? 'Calculate again' : 'Calculate'}</Button>
    </form>
  )
}

function written(value: unknown, share: true | undefined): string {
  return typeof value === 'number' ? String(share === true ? Number((value * 100).toFixed(4)) : value) : ''
}
