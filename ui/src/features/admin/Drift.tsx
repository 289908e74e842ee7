// How far the leads of today have moved from those the model learned from.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { ErrorState, Skeleton } from '~/components/states'
import { Table } from '~/components/Table'
import { Chip } from '~/components/Tier'
import { count, decimal, plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import styles from './Admin.module.css'
import { driftQuery } from './queries'

const SHOWN = 10
const looks: Record<string, 'ok' | 'warm' | 'hot' | 'neutral'> = { steady: 'ok', watch: 'warm', drifted: 'hot' }

export function Drift({ kind }: { kind: Schema<'ModelKind'> }) {
  const { data, isPending, error, refetch } = useQuery(driftQuery(kind))
  return (
    <section className={styles.part} aria-label="Drift">
      <h2>Drift</h2>
      {error !== null ? <ErrorState error={error} what="The drift" onRetry={() => void refetch()} /> : isPending ? <Skeleton rows={5} label="Looking for drift" /> : <Of drift={data} />}
    </section>
  )
}

function Of({ drift: { n, reference, spreads } }: { drift: Schema<'DriftOut'> }) {
  const [all, setAll] = useState(false)
  const moved = spreads.filter(({ state }) => state !== 'steady').length
  return (
    <>
      <p>{moved === 0 ? 'Nothing has moved' : `${plural(moved, 'feature')} of ${count(spreads.length)} ${moved === 1 ? 'has' : 'have'} moved`}: {plural(n, 'open lead')} of today beside {count(reference)} of when it was trained.</p>
      <Table
        label="Features by drift" rows={all ? spreads : spreads.slice(0, SHOWN)} rowKey={(one) => one.feature}
        columns={[
          { id: 'feature', label: 'Feature', cell: (one) => (one.feature === 'score' ? 'The score itself' : sentence(one.feature.replace('custom.', ''))) },
          { id: 'state', label: 'State', cell: (one) => <Chip look={looks[one.state] ?? 'neutral'}>{sentence(one.state)}</Chip> },
          { id: 'psi', label: 'Stability index', align: 'end', cell: (one) => decimal(one.psi, 3) },
          { id: 'noise', label: 'Of chance alone', align: 'end', cell: (one) => <span className={styles.quiet}>{decimal(one.noise, 3)}</span> },
        ]}
      />
      {spreads.length > SHOWN && <div><Button onClick={() => setAll(!all)}>{all ? 'Show the most moved' : `Show all ${count(spreads.length)}`}</Button></div>}
    </>
  )
}
