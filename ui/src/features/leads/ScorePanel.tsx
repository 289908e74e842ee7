// The score of a lead, now or as of an earlier day, with what adds up to it.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useId, useRef, useState } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { ErrorState, Skeleton } from '~/components/states'
import { Tier } from '~/components/Tier'
import { Reasons } from '~/components/Reasons'
import { count, percent } from '~/format/numbers'
import { day } from '~/format/time'
import { useLater } from '~/state/later'
import { useNow } from '~/state/now'
import { baseScore, inPoints } from './points'
import { scoreQuery, type Lead } from './queries'
import styles from './ScorePanel.module.css'

const Course = lazy(() => import('./Course'))

const DAY = 86_400_000
const PAUSE = 150

interface Props {
  lead: Lead
  /** Days before now; absent for the present. */
  ago: number | undefined
  onAgo: (ago: number | undefined) => void
  /** Whether how it went is drawn. */
  course: boolean
  onCourse: (shown: boolean) => void
}

export function ScorePanel({ lead, ago, onAgo, course, onCourse }: Props) {
  const now = useNow()
  const midnight = Math.floor(now.getTime() / DAY) * DAY
  const created = new Date(lead.created_at).getTime()
  const days = Math.max(0, Math.ceil((midnight - created) / DAY) + 1)
  const asOf = ago === undefined ? undefined : new Date(Math.max(created, midnight - (ago - 1) * DAY)).toISOString()
  const { data, isPending, error, refetch } = useQuery({ ...scoreQuery(lead.id, asOf), placeholderData: keepPreviousData })
  if (isPending) return <Skeleton rows={5} label="Loading the score" />
  if (error !== null) return <ErrorState error={error} what="The score" onRetry={() => void refetch()} />
  return (
    <section className={styles.panel} aria-label="Score">
      <div className={styles.hero}>
        <p className={styles.label}>{asOf === undefined ? 'Score, of 100' : `Score on ${day(new Date(asOf), now)}, of 100`}</p>
        <p className={styles.figure}>{Math.round(data.score)} <Tier tier={data.tier} /></p>
        <p className={styles.means}>{meaning(data)}</p>
        {days > 1 && <AsOf days={days} ago={ago} onAgo={onAgo} />}
        {days > 1 && <Button look="plain" className={styles.toggle} icon="market" aria-expanded={course} onClick={() => onCourse(!course)}>{course ? 'Hide how it went' : 'Show how it went'}</Button>}
      </div>
      <div>
        <h2>Why {Math.round(data.score)} (base {Math.round(baseScore(data.base))})</h2>
        <Reasons reasons={inPoints(data, 8)} most={8} unit="points" />
      </div>
      {course && days > 1 && <Suspense><Course lead={lead} score={asOf === undefined ? data.score : lead.score} /></Suspense>}
    </section>
  )
}

/** What the number says, on what it rests, and how it came about. */
function meaning({ score, model, churn, origin }: Schema<'ScoreOut'>): string {
  const basis = model.prior ? 'the starting model, for want of outcomes of your own' : `a model of ${count(model.n)} outcomes`
  const silent = churn === null ? '' : ` It goes silent for ${churn.days} days with a chance of ${percent(churn.probability)}.`
  const how = origin === 'replayed' ? ' Made again from what was known then.' : origin === 'stored' ? ' As it was kept then.' : ''
  return `Of 100 such leads about ${Math.round(score)} are won, by ${basis}.${silent}${how}`
}

/** Days back in time; the address follows when the slider rests. */
function AsOf({ days, ago = 0, onAgo }: { days: number; ago?: number; onAgo: Props['onAgo'] }) {
  const id = useId()
  const now = useNow()
  const [at, setAt] = useState(ago)
  const later = useLater(at, PAUSE)
  const told = useRef(ago)
  const tell = useRef(onAgo)
  tell.current = onAgo
  useEffect(() => {
    if (later === told.current) return
    told.current = later
    tell.current(later === 0 ? undefined : later)
  }, [later])
  useEffect(() => {
    if (ago === told.current) return
    told.current = ago
    setAt(ago)
  }, [ago])
  const text = at === 0 ? 'now' : day(new Date(now.getTime() - at * DAY), now)
  return (
    <div className={styles.asof}>
      <label htmlFor={id}>As of {text}</label>
      <input id={id} type="range" min={-days} max={0} step={1} value={-at} aria-valuetext={text} onChange={(event) => setAt(-Number(event.target.value))} />
      {at !== 0 && <Button look="plain" onClick={() => setAt(0)}>Now</Button>}
    </div>
  )
}
