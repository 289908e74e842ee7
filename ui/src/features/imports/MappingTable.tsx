// What each column of a file means: guessed by the server, corrected by a person.
import type { Schema } from '~/api/client'
import { Chip } from '~/components/Tier'
import { TextField } from '~/components/Field'
import { Table } from '~/components/Table'
import { areas, fieldName, fieldsOf, isFree, units } from './fields'
import styles from './Import.module.css'
import { withField, type Draft } from './mapping'
import type { Peek } from './peek'
import type { Kind } from './queries'

interface Props {
  kind: Kind
  used: readonly Schema<'MappedOut'>[]
  seen: Peek | null
  draft: Draft
  onDraft: (draft: Draft) => void
}

interface Row {
  column: string
  example: string
  used: Schema<'MappedOut'> | undefined
}

export function MappingTable({ kind, used, seen, draft, onDraft }: Props) {
  const names = [...new Set([...(seen?.columns ?? []), ...used.map(({ column }) => column)])]
  const rows: Row[] = names.map((column) => ({ column, example: exampleOf(seen, column), used: used.find((one) => one.column === column) }))
  return (
    <section className={styles.part} aria-label="What the columns mean">
      <h3>What the columns mean</h3>
      <Table
        label="Columns of the file" rows={rows} rowKey={(row) => row.column}
        columns={[
          { id: 'column', fits: true, label: 'Column', cell: (row) => row.column },
          { id: 'example', fits: true, label: 'Example', cell: (row) => <span className={styles.quiet}>{row.example}</span> },
          { id: 'field', fits: true, label: 'Becomes', cell: (row) => <FieldChoice kind={kind} column={row.column} draft={draft} onDraft={onDraft} /> },
          { id: 'how', label: 'How it is known', cell: (row) => <How row={row} draft={draft} /> },
        ]}
      />
      <div className={styles.formats}>
        <TextField label="How dates are written" value={draft.dates} placeholder="found out by itself" spellCheck={false} autoComplete="off" maxLength={40} hint="Such as %d/%m/%Y." onChange={(event) => onDraft({ ...draft, dates: event.target.value })} />
        {kind === 'series' && <TextField label="Name of the series" value={draft.metric} spellCheck={false} autoComplete="off" maxLength={200} hint="When no column names it, such as median_price." onChange={(event) => onDraft({ ...draft, metric: event.target.value })} />}
      </div>
    </section>
  )
}

function exampleOf(seen: Peek | null, column: string): string {
  const at = seen?.columns.indexOf(column) ?? -1
  const found = at < 0 ? undefined : seen?.rows.find((row) => (row.cells[at] ?? '') !== '')?.cells[at]
  return found === undefined ? '' : found.length > 40 ? `${found.slice(0, 40)}…` : found
}

function FieldChoice({ kind, column, draft, onDraft }: { kind: Kind; column: string; draft: Draft; onDraft: (draft: Draft) => void }) {
  const field = draft.columns[column]
  return (
    <span className={styles.become}>
      <select aria-label={`What ${column} becomes`} className={styles.select} value={field ?? ''} onChange={(event) => onDraft(withField(draft, column, event.target.value || null))}>
        <option value="">A field of its own</option>
        {fieldsOf(kind).map((one) => <option key={one} value={one}>{fieldName(one)}</option>)}
        {field !== undefined && !fieldsOf(kind).includes(field) && <option value={field}>{fieldName(field)}</option>}
      </select>
      {field !== undefined && areas.includes(field) && (
        <select aria-label={`Unit of ${column}`} className={styles.select} value={draft.units[field] ?? ''} onChange={(event) => onDraft({ ...draft, units: { ...draft.units, [field]: event.target.value } })}>
          <option value="">Unit as the name says</option>
          {units.map(([code, word]) => <option key={code} value={code}>{word}</option>)}
        </select>
      )}
    </span>
  )
}

function How({ row: { column, used }, draft }: { row: Row; draft: Draft }) {
  const field = draft.columns[column]
  if (field !== undefined && field !== used?.field) return <Chip look="cool">Changed by you</Chip>
  if (used === undefined) return <span className={styles.quiet}>Not used</span>
  if (isFree(used.field)) return <span className={styles.quiet}>Kept as it is</span>
  return used.guessed && used.field !== column ? <Chip look="warm">Guessed, have a look</Chip> : <Chip look="ok">{used.guessed ? 'Same name' : 'As you said'}</Chip>
}
