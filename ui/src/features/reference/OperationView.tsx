// One operation: what it takes, what it answers, and a call of it.
import { useQuery } from '@tanstack/react-query'
import { IconButton } from '~/components/Button'
import { Table } from '~/components/Table'
import { summaryQuery } from '~/features/performance/queries'
import { lasting } from '~/features/performance/words'
import { plural } from '~/format/numbers'
import { span } from '~/format/time'
import { atLeast, useSession } from '~/state/session'
import { changes } from './call'
import { Prose } from './Prose'
import styles from './Reference.module.css'
import { SchemaView, TypeLink } from './SchemaView'
import type { Operation, Schemas } from './spec'
import { Try } from './Try'

interface Props {
  guest: boolean
  operation: Operation
  schemas: Schemas
  onClose: () => void
  onSchema: (name: string) => void
}

export function OperationView({ guest, operation, schemas, onClose, onSchema }: Props) {
  const { method, path, summary, description, parameters, body, replies } = operation
  return (
    <article className={styles.operation}>
      <header className={styles.head}>
        <div>
          <h2>{summary}</h2>
          <p className={styles.path}><span className={styles.method} data-method={method}>{method}</span> <code>{path}</code>{!guest && <Measured operation={operation} />}</p>
        </div>
        <IconButton icon="close" label="Close" keys="esc" onClick={onClose} />
      </header>
      {description !== '' && <p><Prose text={description} /></p>}
      {parameters.length > 0 && (
        <section aria-label="Parameters">
          <h3>Parameters</h3>
          <Table
            label="Parameters" rows={parameters} rowKey={({ name, in: where }) => `${where} ${name}`}
            columns={[
              { id: 'name', label: 'Name', cell: ({ name, required }) => <><code>{name}</code>{required === true && <span className={styles.needed}> needed</span>}</> },
              { id: 'in', label: 'In', cell: (one) => one.in },
              { id: 'type', label: 'Type', cell: (one) => <TypeLink schema={one.schema} schemas={schemas} onSchema={onSchema} /> },
              { id: 'about', label: 'What it is', cell: (one) => <Prose text={one.description} /> },
            ]}
          />
        </section>
      )}
      {body !== null && (
        <section aria-label="Body">
          <h3>Body <small>{body.type}</small></h3>
          {body.type === 'application/json' ? <SchemaView schema={body.schema} schemas={schemas} onSchema={onSchema} /> : <p>The bytes of a file.</p>}
        </section>
      )}
      <section aria-label="Answers">
        <h3>Answers</h3>
        {replies.map((reply) => (
          <details key={reply.status} className={styles.reply} open={reply.status.startsWith('2')}>
            <summary><b data-ok={reply.status.startsWith('2')}>{reply.status}</b> <Prose text={reply.description} /></summary>
            {reply.body === null ? <p>Without a body.</p> : <SchemaView schema={reply.body.schema} schemas={schemas} onSchema={onSchema} />}
          </details>
        ))}
      </section>
      <section aria-label="Try it">
        <h3>Try it</h3>
        <p className={styles.quiet}>{guest ? 'Sign in to send it from here.' : changes(operation) ? 'With your session, and for real: what it changes is changed.' : 'With your session.'}</p>
        <Try guest={guest} operation={operation} schemas={schemas} />
      </section>
    </article>
  )
}

/** How fast the operation was in the last minutes, for who may know. */
function Measured({ operation: { method, path } }: { operation: Operation }) {
  const { role } = useSession()
  const { data } = useQuery({ ...summaryQuery, enabled: atLeast(role, 'admin'), refetchInterval: false })
  const found = data?.routes.find((one) => one.method === method && one.route === path)
  if (data === undefined || found?.p95_ms == null) return null
  return <span className={styles.measured}>95 of 100 answered within {lasting(found.p95_ms)}, of {plural(found.requests, 'call')} in the last {span(data.window_seconds * 1000)}</span>
}
