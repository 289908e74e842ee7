// How the score of a lead went, at a dozen times between when it appeared and now.
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
// What is older says little about who to answer next.
const LONGEST = 180

/** Whole days from when the lead appeared to now, as far as they matter. */
export function daysBack(created: number, now: number): number {
  return Math.max(1, Math.min(LONGEST, Math.floor((now - created) / DAY)))
}

interface Props {
  lead: Lead
  /** The score as it is. */
  score: number | null | undefined
}

export default function Course({ lead, score }: Props) {
  const now = useNow()
  const { data = [], isPending, error, refetch } = useQuery(courseQuery(lead.id, daysBack(new Date(lead.created_at).getTime(), now.getTime())))
  const times = useMemo(() => data.map(({ as_of }) => new Date(as_of).getTime()), [data])
  // The last is of now, which the page may know better.
  const series = useMemo(() => [{ label: 'Score', values: data.map((point, index) => (index === data.length - 1 ? score ?? point.score : point.score)) }], [data, score])
  if (error !== null) return <div className={styles.course}><ErrorState error={error} what="How it went" onRetry={() => void refetch()} /></div>
  if (isPending) return <div className={styles.course}><Skeleton rows={4} label="Looking back" /></div>
  const known = series[0]?.values ?? []
  const summary = known.length < 2 ? 'There is no earlier score.' : `From ${count(known[0] ?? 0)} on ${day(new Date(times[0] ?? now), now)} to ${count(known.at(-1) ?? 0)} now, between ${count(Math.min(...known))} and ${count(Math.max(...known))}.`
  return (
    <div className={styles.course}>
      <TimeChart title="How the score went" unit="of 100" summary={summary} times={times} series={series} height={180} fromZero />
    </div>
  )
}
