// What lies behind the answers: the store, jobs, the readers of the log, the index.
import { Link } from '@tanstack/react-router'
import { Table } from '~/components/Table'
import { Chip } from '~/components/Tier'
import { count, decimal, plural } from '~/format/numbers'
import { size } from '~/format/size'
import { span } from '~/format/time'
import { sentence } from '~/format/words'
import styles from './Performance.module.css'
import type { Summary } from './queries'
import { lasting } from './words'

const STATEMENTS = 10

export function Store({ of: { engine, version, writes, commits, lines, pool, wait, statements } }: { of: Summary['store'] }) {
  const below = (milliseconds: number | null) => (milliseconds === null ? '–' : `below ${lasting(milliseconds)}`)
  const facts: [string, string][] = [
    ['Database', `${engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'} ${version}`],
    ['Writes', `${count(writes)} in ${plural(commits, 'commit')}${commits > 0 ? `, ${decimal(writes / commits, 1)} each` : ''}`],
    ...(lines === null ? [] : [['In line now', `${plural(lines.writes, 'write')} and ${plural(lines.reads, 'read')} of ${count(lines.places)} places each`] as [string, string]]),
    ...(pool === null ? [] : [['Connections', `${count(pool.in_use)} in use, ${count(pool.open)} open of ${count(pool.most)}; ${plural(pool.waiting, 'call')} waiting`] as [string, string]]),
    ...(wait === null ? [] : [['Waiting for a turn', `${plural(wait.count, 'time')}, 95 of 100 ${below(wait.p95_below_ms)}`] as [string, string]]),
  ]
  return (
    <section className={styles.part} aria-labelledby="store">
      <h2 id="store">Store <small>since the start</small></h2>
      <Facts facts={facts} />
      {statements.length > 0 && (
        <Table
          label="Statements on which most time was spent" rows={statements.slice(0, STATEMENTS)} rowKey={({ name }) => name}
          columns={[
            { id: 'name', label: 'Statement', cell: ({ name }) => <code className={styles.route}>{name}</code> },
            { id: 'count', label: 'Runs', align: 'end', cell: (one) => count(one.count) },
            { id: 'total', label: 'Time in all', align: 'end', cell: ({ total_ms }) => lasting(total_ms) },
            { id: 'p95', label: '95 of 100', align: 'end', cell: ({ p95_below_ms }) => below(p95_below_ms) },
            { id: 'errors', label: 'Failed', align: 'end', cell: ({ errors }) => <span className={errors > 0 ? styles.hot : undefined}>{count(errors)}</span> },
          ]}
        />
      )}
    </section>
  )
}

export function Jobs({ of }: { of: Summary['jobs'] }) {
  return (
    <section className={styles.part} aria-labelledby="jobs">
      <h2 id="jobs">Jobs</h2>
      {of.length === 0 ? <p className={styles.quiet}>Nothing waits, runs or was given up.</p> : (
        <Table
          label="Jobs by kind" rows={of} rowKey={({ kind }) => kind}
          columns={[
            { id: 'kind', label: 'Job', cell: ({ kind }) => sentence(kind) },
            { id: 'waiting', label: 'Waiting', align: 'end', cell: ({ waiting }) => <Lead n={waiting} state="ready" /> },
            { id: 'running', label: 'Running', align: 'end', cell: ({ running }) => <Lead n={running} state="running" /> },
            { id: 'dead', label: 'Given up', align: 'end', cell: ({ dead }) => <span className={dead > 0 ? styles.hot : undefined}><Lead n={dead} state="dead" /></span> },
          ]}
        />
      )}
    </section>
  )
}

/** A number of jobs, and the way to them. */
function Lead({ n, state }: { n: number; state: 'ready' | 'running' | 'dead' }) {
  return n === 0 ? <>0</> : <Link to="/admin/jobs" search={{ state: state === 'dead' ? undefined : state }} className={styles.number}>{count(n)}</Link>
}

// A reader that has let an event lie for so long is late.
const LATE = 60

export function Followers({ of }: { of: Summary['followers'] }) {
  return (
    <section className={styles.part} aria-labelledby="followers">
      <h2 id="followers">Readers of the log</h2>
      <p className={styles.quiet}>They turn what happened into scores, matches, alerts and the index.</p>
      <Table
        label="Readers of the log" rows={of} rowKey={({ name }) => name}
        columns={[
          { id: 'name', label: 'Reader', cell: ({ name }) => sentence(name) },
          { id: 'state', label: 'State', cell: ({ waiting_seconds: waits }) => (waits === null ? <Chip look="ok">Has read all</Chip> : waits > LATE ? <Chip look="hot">Late</Chip> : <Chip look="cool">Reading</Chip>) },
          { id: 'behind', label: 'Events behind', align: 'end', cell: ({ behind }) => count(behind) },
          { id: 'waiting', label: 'Oldest waits', align: 'end', cell: ({ waiting_seconds: waits }) => (waits === null ? '–' : span(waits * 1000)) },
        ]}
      />
    </section>
  )
}

const KEPT: Record<string, string> = {
  keys: 'Who presents a key',
  scores: 'Scores of leads',
  listings: 'Listings',
  figures: 'Daily figures of leads',
  answers: 'Searches, matches, maps and estimates',
}

export function Caches({ of }: { of: Summary['caches'] }) {
  const share = (part: number, all: number) => (all === 0 ? '–' : `${decimal((100 * part) / all, 1)} %`)
  return (
    <section className={styles.part} aria-labelledby="caches">
      <h2 id="caches">Kept answers <small>since the start</small></h2>
      <p className={styles.quiet}>What was answered before and has not changed since is given again from memory.</p>
      <Table
        label="Kept answers" rows={of} rowKey={({ namespace }) => namespace}
        columns={[
          { id: 'namespace', label: 'Answers', cell: ({ namespace }) => KEPT[namespace] ?? sentence(namespace) },
          { id: 'asked', label: 'Asked for', align: 'end', cell: ({ hits, joined, misses }) => count(hits + joined + misses) },
          { id: 'share', label: 'From memory', align: 'end', cell: ({ hits, joined, misses }) => share(hits + joined, hits + joined + misses) },
          { id: 'entries', label: 'Held', align: 'end', cell: ({ entries }) => count(entries) },
          { id: 'bytes', label: 'Memory', align: 'end', cell: ({ bytes }) => size(bytes) },
        ]}
      />
    </section>
  )
}

export function Node({ of }: { of: Summary }) {
  const { version, commit, uptime_seconds: up, memory_bytes: memory, realtime, index, requests } = of
  const facts: [string, string][] = [
    ['Version', `${version}${commit === '' ? '' : `, ${commit.slice(0, 12)}`}`],
    ['Up for', span(up * 1000)],
    ['Memory', memory === null ? 'not told by the system' : size(memory)],
    ['Requests', `${count(requests.total)} since the start, ${count(requests.in_flight)} in hand`],
    ['Live connections', count(realtime.clients)],
    ['Index', `${plural(index.listings, 'listing')} in ${size(index.bytes)}`],
  ]
  return (
    <section className={styles.part} aria-labelledby="node">
      <h2 id="node">This node</h2>
      <Facts facts={facts} />
    </section>
  )
}

function Facts({ facts }: { facts: readonly [string, string][] }) {
  return <dl className={styles.facts}>{facts.map(([label, text]) => <div key={label}><dt>{label}</dt><dd>{text}</dd></div>)}</dl>
}
