// The mapping that a person has changed, and its TOML for the server.
import { areas, isFree } from './fields'

export interface Draft {
  /** Column to field; a column that is absent stays a free field. */
  columns: Readonly<Record<string, string>>
  /** Field of an area to its unit. */
  units: Readonly<Record<string, string>>
  /** The form of dates, as of `strftime`; empty to find it out. */
  dates: string
  /** The name of the series, for files that hold one. */
  metric: string
}

interface Mapped {
  column: string
  field: string
}

/** What the server has used, as a draft to change; an area in acres by its name stays one. */
export function draftOf(used: readonly Mapped[]): Draft {
  const known = used.filter(({ field }) => !isFree(field))
  const acres = known.filter(({ column, field }) => areas.includes(field) && /acre/i.test(column))
  return {
    columns: Object.fromEntries(known.map(({ column, field }) => [column, field])),
    units: Object.fromEntries(acres.map(({ field }) => [field, 'acre'])),
    dates: '',
    metric: '',
  }
}

/** Gives a column a field, taken from the column that had it; none makes it free. */
export function withField(draft: Draft, column: string, field: string | null): Draft {
  const kept = Object.entries(draft.columns).filter(([one, its]) => one !== column && its !== field)
  return { ...draft, columns: Object.fromEntries(field === null ? kept : [...kept, [column, field]]) }
}

export function toml({ columns, units, dates, metric }: Draft): string {
  const section = (name: string, entries: [string, string][]) =>
    entries.length === 0 ? [] : [`[${name}]`, ...entries.map(([left, right]) => `${quoted(left)} = ${quoted(right)}`)]
  const used = Object.values(columns)
  return [
    ...section('columns', Object.entries(columns).map(([column, field]) => [field, column])),
    ...section('units', Object.entries(units).filter(([field, unit]) => unit !== '' && used.includes(field))),
    ...section('formats', dates.trim() === '' ? [] : [['date', dates.trim()]]),
    ...section('constants', metric.trim() === '' ? [] : [['metric', metric.trim()]]),
  ].join('\n')
}

/** A TOML text; its escapes are those of JSON but for DEL, which has to be escaped, too. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\u007F', '\\u007f')
}
