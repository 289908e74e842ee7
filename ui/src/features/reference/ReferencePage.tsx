// The reference of the API: every operation and schema, to be read, tried and copied.
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from '@tanstack/react-router'
import { useMemo } from 'react'
import { buttonClass } from '~/components/Button'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { count } from '~/format/numbers'
import { sentence } from '~/format/words'
import { useShortcuts } from '~/keyboard/registry'
import { Page } from '~/shell/Page'
import { OperationView } from './OperationView'
import { Prose } from './Prose'
import { referenceQuery } from './queries'
import styles from './Reference.module.css'
import { SchemaPage } from './SchemaView'
import { byTag, type Operation, type Reference } from './spec'
import type { ReferenceUrl } from './url'

interface Props {
  /** Nobody is signed in: all can be read and copied, nothing sent. */
  guest: boolean
  search: ReferenceUrl
  /** Changes the address; `replace` leaves no step for Back. */
  onChange: (change: Partial<ReferenceUrl>, replace?: boolean) => void
}

export function ReferencePage({ guest, search, onChange }: Props) {
  const { data, isPending, error, refetch } = useQuery(referenceQuery)
  const here = useLocation().href
  const frame = { title: 'API reference', guest, actions: guest ? <Link to="/sign-in" search={{ next: here }} className={buttonClass('primary')}>Sign in</Link> : undefined }
  if (isPending) return <Page {...frame}><Skeleton rows={12} label="Loading the description of the API" /></Page>
  if (error !== null) return <Page {...frame}><ErrorState error={error} what="The description of the API" onRetry={() => void refetch()} /></Page>
  return (
    <Page {...frame} fill numbers={[{ label: 'Version', value: data.version }, { label: 'Operations', value: count(data.operations.length) }, { label: 'Schemas', value: count(Object.keys(data.schemas).length) }]}>
      <Panes reference={data} guest={guest} search={search} onChange={onChange} />
    </Page>
  )
}

function Panes({ reference, guest, search, onChange }: Props & { reference: Reference }) {
  const groups = useMemo(() => byTag(reference.operations, search.q), [reference, search.q])
  const shown = groups.flatMap(([, operations]) => operations)
  const current = reference.operations.find((one) => one.id === search.op)
  const go = (by: number) => {
    const at = shown.findIndex((one) => one.id === search.op)
    const next = shown[at === -1 ? 0 : Math.max(0, Math.min(shown.length - 1, at + by))]
    if (next === undefined) return
    onChange({ op: next.id, schema: undefined })
    document.getElementById(`op-${next.id}`)?.scrollIntoView({ block: 'nearest' })
  }
  const isOpen = current !== undefined || search.schema !== undefined
  const close = () => onChange({ op: undefined, schema: undefined }, false)
  useShortcuts([
    { keys: 'j', label: 'Next operation', group: 'API reference', run: () => go(1) },
    { keys: 'k', label: 'Previous operation', group: 'API reference', run: () => go(-1) },
    ...(isOpen ? [{ keys: 'esc', label: 'Back to the list', group: 'API reference', run: close }] : []),
  ])
  return (
    <div className={styles.panes} data-open={isOpen}>
      <nav className={styles.list} aria-label="Operations">
        <div className={styles.find}><input type="search" aria-label="Find an operation" placeholder="Find an operation" value={search.q ?? ''} onChange={(event) => onChange({ q: event.target.value || undefined })} /></div>
        {groups.map(([tag, operations]) => (
          <section key={tag} aria-label={sentence(tag)}>
            <h2>{sentence(tag)}</h2>
            <ul>{operations.map((one) => <li key={one.id}><Entry operation={one} current={one === current} onOpen={() => onChange({ op: one.id, schema: undefined }, false)} /></li>)}</ul>
          </section>
        ))}
        {groups.length === 0 && <p className={styles.none}>No operation has these words.</p>}
      </nav>
      {/* The pane scrolls and may hold nothing that takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section className={styles.pane} aria-label={current?.summary ?? search.schema ?? 'About the API'} tabIndex={0}>
        {search.schema !== undefined ? <SchemaPage name={search.schema} schemas={reference.schemas} onClose={close} onSchema={(schema) => onChange({ schema }, false)} />
          : current !== undefined ? <OperationView key={current.id} guest={guest} operation={current} schemas={reference.schemas} onClose={close} onSchema={(schema) => onChange({ schema }, false)} />
          : search.op !== undefined ? <EmptyState title="There is no such operation">It may have another name in this version of the server.</EmptyState>
          : <About reference={reference} guest={guest} />}
      </section>
    </div>
  )
}

function Entry({ operation: { id, method, summary, path }, current, onOpen }: { operation: Operation; current: boolean; onOpen: () => void }) {
  return (
    <button type="button" id={`op-${id}`} className={styles.entry} aria-current={current ? true : undefined} onClick={onOpen}>
      <span className={styles.method} data-method={method}>{method}</span>
      <span className={styles.named}>{summary}<small>{path.replace('/api/v1', '')}</small></span>
    </button>
  )
}

function About({ reference: { title, description }, guest }: { reference: Reference; guest: boolean }) {
  return (
    <div className={styles.about}>
      <h2>{title}</h2>
      <p><Prose text={description} /></p>
      <p>Choose an operation to see what it takes and answers, {guest ? 'and to copy it for a shell; who signs in can try it here' : 'to try it with your session, and to copy it for a shell'}. Programs use a key of their own.</p>
      <p><a href="/api-docs/openapi.json">The description itself</a> (OpenAPI 3.1)</p>
    </div>
  )
}
