// One import beside the list: how far it is, what became of its rows, and the way back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { Button, IconButton } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { Refusal, refused } from '~/components/Refusal'
import { ErrorState, Skeleton } from '~/components/states'
import { Table } from '~/components/Table'
import { Time } from '~/components/Time'
import { csv } from '~/format/csv'
import { count, plural } from '~/format/numbers'
import { span } from '~/format/time'
import { sentence } from '~/format/words'
import { announce } from '~/state/announce'
import { download } from '~/state/download'
import { toast } from '~/state/toasts'
import { Counts } from './Counts'
import { Going } from './Going'
import styles from './Import.module.css'
import { State } from './ImportList'
import { allRejected, importQuery, isGoing, rejectedQuery, undoImport, type Import } from './queries'

const SHOWN = 50

export function ImportPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(importQuery(id))
  const panel = useRef<HTMLElement>(null)
  useTold(data)
  useFocusKept(panel, data !== undefined && isGoing(data))
  return (
    // The panel scrolls and may hold nothing that takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <aside ref={panel} className={styles.panel} aria-label={data?.name ?? 'Import'} tabIndex={0}>
      <div className={styles.head}>
        <div>
          <h2>{data?.name ?? 'Import'}</h2>
          {data !== undefined && <p className={styles.quiet}>{sentence(data.kind)}{data.market == null ? '' : ` of ${data.market}`}, started <Time at={data.started_at} style="exact" /></p>}
        </div>
        <IconButton icon="close" label="Close" keys="esc" onClick={onClose} />
      </div>
      {error !== null ? <ErrorState error={error} what="The import" onRetry={() => void refetch()} /> : data === undefined ? <Skeleton rows={4} label="Loading the import" /> : <Shown of={data} />}
    </aside>
  )
}

function Shown({ of }: { of: Import }) {
  return (
    <>
      <div className={styles.state}>
        <State of={of} />
        {of.finished_at != null && <span className={styles.quiet}>{took(new Date(of.finished_at).getTime() - new Date(of.started_at).getTime())}</span>}
      </div>
      {isGoing(of) && <Going of={of} />}
      {of.state === 'cancelled' && <p className={styles.quiet}>It was cancelled. What it had stored until then stays until you take it back.</p>}
      {of.error != null && <p className={styles.failed}>{of.error}</p>}
      <Counts counts={of.counts} />
      {of.counts.rejected > 0 && <Rejected of={of} />}
      {!isGoing(of) && of.state !== 'undone' && <Undo of={of} />}
    </>
  )
}

function took(milliseconds: number): string {
  return milliseconds < 1000 ? 'in less than a second' : `after ${span(milliseconds)}`
}

function Rejected({ of }: { of: Import }) {
  const { data, isPending, error, refetch } = useQuery(rejectedQuery(of.id, SHOWN))
  const all = useMutation({
    mutationFn: () => allRejected(of.id),
    onSuccess: (rows) => download(`${of.name.replace(/\.\w+$/, '')}-rejected.csv`, csv(['line', 'column', 'reason'], rows.map((row) => [row.line, row.column, row.reason]))),
    onError: (failure) => toast(refused(failure, 'The rejected rows'), { look: 'error' }),
  })
  return (
    <section className={styles.part} aria-label="Rejected rows">
      <h3>Rejected rows</h3>
      {error !== null ? <ErrorState error={error} what="The rejected rows" onRetry={() => void refetch()} />
        : isPending ? <Skeleton rows={3} label="Loading rejected rows" />
        : (
          <Table
            label="Rejected rows" rows={data.items} rowKey={(row) => `${row.line} ${row.column ?? ''} ${row.reason}`}
            columns={[{ id: 'line', label: 'Line', align: 'end', fits: true, cell: (row) => count(row.line) }, { id: 'why', label: 'Why', cell: (row) => (row.column == null ? row.reason : `${row.column}: ${row.reason}`) }]}
          />
        )}
      <div><Button icon="download" disabled={all.isPending} onClick={() => all.mutate()}>Download {plural(of.counts.rejected, 'rejected row')}</Button></div>
    </section>
  )
}

function Undo({ of }: { of: Import }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const undo = useMutation({
    mutationFn: () => undoImport(of.id),
    onSuccess: async ({ removed, restored, kept }) => {
      setAsking(false)
      toast(`Taken back: ${count(removed)} removed, ${count(restored)} put back${kept > 0 ? `, ${count(kept)} left alone since they were changed later` : ''}`)
      // It may have touched whatever is on the other pages.
      await client.invalidateQueries()
    },
  })
  return (
    <section className={styles.part}>
      <div><Button icon="undo" look="danger" onClick={() => setAsking(true)}>Take it back</Button></div>
      {asking && (
        <Dialog
          title={`Take back ${of.name}`} onClose={() => setAsking(false)}
          foot={<><Button onClick={() => setAsking(false)}>Keep it</Button><Button look="danger" disabled={undo.isPending} onClick={() => undo.mutate()}>{undo.isPending ? 'Taking it back' : 'Take it back'}</Button></>}
        >
          <Refusal error={undo.error} what="The import" />
          <p>{plural(of.counts.created, 'row')} that it created {of.counts.created === 1 ? 'is' : 'are'} removed; {plural(of.counts.updated, 'row')} that it updated {of.counts.updated === 1 ? 'is' : 'are'} put back to what they were before. What was changed since then stays as it is.</p>
        </Dialog>
      )}
    </section>
  )
}

/** Says when an import that was watched has ended. */
function useTold(of: Import | undefined): void {
  const before = useRef<string | undefined>(undefined)
  const { id, state, counts } = of ?? {}
  useEffect(() => {
    const ended = state !== undefined && state !== 'running' && state !== 'queued'
    if (ended && before.current === id) announce(`Import ${state}: ${plural(counts?.rows ?? 0, 'row')}, ${count(counts?.rejected ?? 0)} rejected`)
    before.current = ended ? undefined : id
  }, [id, state, counts])
}

/** The button that had the focus goes when the import ends; the panel takes the focus over. */
function useFocusKept(panel: RefObject<HTMLElement | null>, going: boolean): void {
  const before = useRef(going)
  useEffect(() => {
    if (before.current && !going && document.activeElement === document.body) panel.current?.focus({ preventScroll: true })
    before.current = going
  }, [panel, going])
}
