// How the score of a lead went, from a dozen days between when it appeared and now.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ErrorState, Skeleton } from '~/components/states'
import { TimeChart } from '~/components/TimeChart'
import { count } from '~/format/numbers'
import { day } from '~/format/time'
import { useNow } from '~/state/now'
import { courseQuery, type Lead } from './queries'
import styles from './ScorePanel.module.css'

const DAY = 86_400_000
const POINTS = 12
// What is older says little about who to answer next.
const LONGEST = 180 * DAY

/** Midnights before today's, evenly apart by whole days, in order, none before the lead was there. */
export function daysBack(created: number, midnight: number): number[] {
  const span = Math.min(LONGEST, midnight - created)
  const step = Math.max(DAY, Math.ceil(span / DAY / POINTS) * DAY)
  const times = Array.from({ length: POINTS }, (_, index) => midnight - (POINTS - index) * step)
  return times.filter((time) => time >= created)
}

interface Props {
  lead: Lead
  /** The beginning of today, in Unix milliseconds. */
  midnight: number
  /** The score as it is. */
  score: number | null | undefined
}

export default function Course({ lead, midnight, score }: Props) {
  const now = useNow()
  const days = useMemo(() => daysBack(new Date(lead.created_at).getTime(), midnight), [lead.created_at, midnight])
  const { data, isPending, error, refetch } = useQuery(courseQuery(lead.id, days.map((time) => new Date(time).toISOString())))
  const times = useMemo(() => [...days, Math.max(midnight + 1, now.getTime())], [days, midnight, now])
  const series = useMemo(() => [{ label: 'Score', values: [...(data ?? []), score ?? null] }], [data, score])
  if (error !== null) return <div className={styles.course}><ErrorState error={error} what="How it went" onRetry={() => void refetch()} /></div>
  if (isPending) return <div className={styles.course}><Skeleton rows={4} label="Looking back" /></div>
  const known = series[0]?.values.filter((value) => value !== null) ?? []
  const summary = known.length < 2 ? 'There is no earlier score.' : `From ${count(known[0] ?? 0)} on ${day(new Date(times[0] ?? midnight), now)} to ${count(known.at(-1) ?? 0)} now, between ${count(Math.min(...known))} and ${count(Math.max(...known))}.`
  return (
    <div className={styles.course}>
      <TimeChart title="How the score went" unit="of 100" summary={summary} times={times} series={series} height={180} fromZero />
    </div>
  )
}
