// One of a few, all in sight: a row of radio buttons that look like one control.
import { useId, type ReactNode } from 'react'
import styles from './Choice.module.css'

interface Props<T extends string> {
  legend: string
  /** Keep the legend for screen readers only. */
  hideLegend?: boolean
  value: T
  options: readonly (readonly [T, ReactNode])[]
  onChange: (value: T) => void
}

export function Choice<T extends string>({ legend, hideLegend = false, value, options, onChange }: Props<T>) {
  const name = useId()
  return (
    <fieldset className={styles.choice}>
      <legend className={hideLegend ? 'unseen' : undefined}>{legend}</legend>
      <div className={styles.options}>
        {options.map(([option, label]) => (
          <label key={option}>
            <input type="radio" name={name} value={option} checked={option === value} onChange={() => onChange(option)} />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
