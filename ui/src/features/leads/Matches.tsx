// The homes that fit a lead best, side by side, with why.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schema } from '~/api/client'
import { buttonClass } from '~/components/Button'
import { Reasons } from '~/components/Reasons'
import { Money } from '~/components/Money'
import { ErrorState, Skeleton } from '~/components/states'
import { count, decimal, percent } from '~/format/numbers'
import { matchesQuery } from './queries'
import styles from './Matches.module.css'

const MOST = 5

export function Matches({ id, market }: { id: string; market: string | null | undefined }) {
  const { data, isPending, error, refetch } = useQuery({ ...matchesQuery(id, MOST), enabled: market != null })
  return (
    <section aria-label="Homes that fit">
      <div className={styles.head}>
        <h2>Homes that fit{data !== undefined && data.considered > 0 && <small className={styles.note}> best {data.matches.length} of {count(data.considered)}</small>}</h2>
        <Link to="/searches" search={{ lead: id }} className={buttonClass('plain')}>Saved searches</Link>
      </div>
      {market == null ? <p className={styles.note}>They appear here as soon as the lead has a market: choose one among the facts.</p>
        : isPending ? <div className={styles.waiting}><Skeleton rows={3} label="Loading the homes" /></div>
        : error !== null ? <ErrorState error={error} what="The homes that fit" onRetry={() => void refetch()} />
        : data.matches.length === 0 ? <p className={styles.note}>No home on the market meets what this lead must have. Widen what they look for, or give them a market.</p>
        : <ul className={styles.strip}>{data.matches.map((match) => <Match key={match.listing.id} match={match} />)}</ul>}
      {data?.taste != null && data.taste.likes.length > 0 && <p className={styles.taste}>Shows a liking for {data.taste.likes.slice(0, 3).map(({ label }) => label).join('; ')}.</p>}
    </section>
  )
}

function Match({ match: { listing, fit, reasons, near_miss: miss } }: { match: Schema<'MatchOut'> }) {
  const { bedrooms, bathrooms, living_area_sqft: area, address } = listing
  const size = [bedrooms == null ? null : `${count(bedrooms)} bd`, bathrooms == null ? null : `${decimal(bathrooms, Number.isInteger(bathrooms) ? 0 : 1)} ba`, area == null ? null : `${count(area)} sqft`]
  const name = address.line ?? listing.listing_key
  return (
    <li className={styles.home}>
      <p className={styles.price}>{listing.list_price == null ? 'No price' : <Money amount={listing.list_price} />}<span className={styles.fit}>{percent(fit)} fit</span></p>
      <p><Link to="/homes/$id" params={{ id: listing.id }} className={styles.name}>{name}</Link></p>
      <p className={styles.note}>{size.filter((part) => part !== null).join(', ')}</p>
      {miss !== null && <p className={styles.miss}>But: {miss}</p>}
      <details>
        <summary>Why <span className="unseen">{name} fits</span></summary>
        <Reasons reasons={reasons.map(({ aspect, label, contribution }) => ({ id: aspect, label, amount: contribution * 100 }))} most={8} unit="points of fit" />
      </details>
    </li>
  )
}
