// What a dry run has found: counts, what each column means, the first rows, and every row that would be rejected.
import type { Schema } from '~/api/client'
import { Table } from '~/components/Table'
import { count, plural } from '~/format/numbers'
import { fieldName, isFree } from './fields'
import styles from './Import.module.css'
import { Counts } from './Counts'
import type { Draft } from './mapping'
import { MappingTable } from './MappingTable'
import type { Peek } from './peek'
import type { Kind } from './queries'

interface Props {
  kind: Kind
  result: Schema<'DryRunOut'>
  seen: Peek | null
  draft: Draft
  onDraft: (draft: Draft) => void
}

const MOST_PROBLEMS = 50

export function Checked({ kind, result, seen, draft, onDraft }: Props) {
  const { counts, mapping, rejected, warnings } = result
  return (
    <div className={styles.checked}>
      <Counts counts={counts} would />
      {warnings.length > 0 && <ul className={styles.warnings}>{warnings.map((one) => <li key={one}>{one}</li>)}</ul>}
      <MappingTable kind={kind} used={mapping} seen={seen} draft={draft} onDraft={onDraft} />
      {rejected.length > 0 && (
        <section className={styles.part} aria-label="Rows that would be rejected">
          <h3>Rows that would be rejected</h3>
          {counts.rejected > MOST_PROBLEMS && <p className={styles.quiet}>The first {MOST_PROBLEMS} of {count(counts.rejected)}.</p>}
          <Table
            label="Rejected rows" rows={rejected.slice(0, MOST_PROBLEMS)} rowKey={(row) => `${row.line} ${row.column ?? ''} ${row.reason}`}
            columns={[
              { id: 'line', label: 'Line', align: 'end', fits: true, cell: (row) => count(row.line) },
              { id: 'column', label: 'Column', fits: true, cell: (row) => row.column ?? '–' },
              { id: 'reason', label: 'Why', cell: (row) => row.reason },
            ]}
          />
        </section>
      )}
      <Preview result={result} seen={seen} />
    </div>
  )
}

function Preview({ result, seen }: { result: Schema<'DryRunOut'>; seen: Peek | null }) {
  if (seen === null || seen.rows.length === 0) return null
  const problems = new Map(result.rejected.map((one) => [one.line, one]))
  const fields = new Map(result.mapping.map(({ column, field }) => [column, field]))
  return (
    <section className={styles.part} aria-label="First rows">
      <h3>First {plural(seen.rows.length, 'row')}</h3>
      <Table
        label="First rows of the file" rows={seen.rows} rowKey={(row) => String(row.line)}
        columns={[
          { id: 'line', label: 'Line', align: 'end', fits: true, cell: (row) => count(row.line) },
          { id: 'problem', label: 'Taken', cell: ({ line }) => (problems.has(line) ? <span className={styles.bad}>Rejected: {problems.get(line)?.reason}</span> : 'Yes') },
          ...seen.columns.map((column, at) => ({
            id: `${at} ${column}`,
            label: <span className={styles.heading}>{column}<small>{becomes(fields.get(column))}</small></span>,
            cell: (row: Peek['rows'][number]) => <span className={problems.get(row.line)?.column === column ? styles.bad : undefined}>{short(row.cells[at] ?? '')}</span>,
          })),
        ]}
      />
    </section>
  )
}

function becomes(field: string | undefined): string {
  if (field === undefined) return 'not used'
  return isFree(field) ? 'kept as it is' : fieldName(field)
}

const LONGEST = 60

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
