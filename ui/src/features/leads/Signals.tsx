// What a lead did that somebody should know of, the latest first.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { ErrorState } from '~/components/states'
import { Time } from '~/components/Time'
import { plural } from '~/format/numbers'
import { triggersQuery } from './queries'
import styles from './Signals.module.css'
import { HomeName } from './Timeline'

type Fired = Schema<'TriggerOut'>

const FEW = 3

/** Nothing at all as long as nothing stood out. */
export function Signals({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(triggersQuery(id))
  const [all, setAll] = useState(false)
  if (error !== null) return <section aria-label="What stood out"><ErrorState error={error} what="What stood out" onRetry={() => void refetch()} /></section>
  if (data === undefined || data.items.length === 0) return null
  const { items } = data
  return (
    <section aria-label="What stood out">
      <h2 className={styles.title}>What stood out</h2>
      <ol className={styles.list}>
        {items.slice(0, all ? items.length : FEW).map((fired, index) => <li key={index}><span><Told fired={fired} /></span><Time at={fired.at} /></li>)}
      </ol>
      {items.length > FEW && <Button look="plain" className={styles.more} aria-expanded={all} onClick={() => setAll(!all)}>{all ? 'Only the latest' : `All ${items.length}`}</Button>}
    </section>
  )
}

function Told({ fired: { trigger, n, listing_id: listing } }: { fired: Fired }) {
  const home = listing == null ? <>a home</> : <HomeName id={listing} />
  switch (trigger) {
    case 'revisit':
      return <>Came back after {plural(n, 'day')}</>
    case 'five_visits':
      return <>Visited {plural(n, 'time')} in 7 days</>
    case 'five_homes':
      return <>Looked at {plural(n, 'home')} in 24 hours</>
    case 'ten_homes':
      return <>Looked at {plural(n, 'home')} in 7 days</>
    case 'same_home':
      return <>Looked at {home} {plural(n, 'time')}</>
    case 'favourite':
      return <>Saved {home}</>
    case 'saved_price_drop':
      return <>{home} got cheaper, which they saved</>
  }
}
