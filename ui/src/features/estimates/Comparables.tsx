// The sales that speak for the value, each adjusted to this home; some may be left out to see what the others say.
import { Link } from '@tanstack/react-router'
import { Button } from '~/components/Button'
import { decimal, money, percent, plural } from '~/format/numbers'
import { day } from '~/format/time'
import { lineOf } from '~/features/homes/words'
import { miles } from '~/map/geometry'
import { useNow } from '~/state/now'
import styles from './Home.module.css'
import type { Estimate } from './queries'
import type { HomeUrl } from './url'

interface Props {
  estimate: Estimate
  without: readonly string[]
  /** Homes that are chosen for comparison; they stay so on the way to another one. */
  ids: HomeUrl['ids']
  onWithout: (ids: string[]) => void
}

const whole = (amount: number) => money(Math.round(amount))

export function Comparables({ estimate: { comparables, estimate }, without, ids, onWithout }: Props) {
  const now = useNow()
  if (comparables.length === 0) return null
  const kept = comparables.filter(({ listing }) => !without.includes(listing.id))
  const middle = median(kept.map(({ adjusted_price: price }) => price))
  const toggle = (id: string) => onWithout(without.includes(id) ? without.filter((one) => one !== id) : [...without, id])
  return (
    <section className={styles.part}>
      <h2>Comparable sales{kept.length < comparables.length && `, ${kept.length} of ${comparables.length}`}</h2>
      {/* The table scrolls sideways where it is narrow. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="Comparable sales">
        <table className={styles.table}>
          <thead>
            <tr><th scope="col"><span className="unseen">Counts</span></th><th scope="col">Address</th><th scope="col">Sold</th><th scope="col">Miles</th><th scope="col">Similar</th><th scope="col">Price</th><th scope="col">Adjusted by</th><th scope="col">Adjusted</th></tr>
          </thead>
          <tbody>
            {comparables.map(({ listing, distance_m: distance, similarity, close_price: price, adjusted_price: adjusted }) => (
              <tr key={listing.id} data-out={without.includes(listing.id)}>
                <td><label className={styles.tick}><input type="checkbox" checked={!without.includes(listing.id)} onChange={() => toggle(listing.id)} /><span className="unseen">Count {lineOf(listing)}</span></label></td>
                <th scope="row"><Link to="/homes/$id" params={{ id: listing.id }} search={{ ids }}>{lineOf(listing)}</Link></th>
                <td>{listing.close_date == null ? '–' : <time dateTime={listing.close_date}>{day(new Date(`${listing.close_date}T12:00:00`), now)}</time>}</td>
                <td>{distance == null ? '–' : decimal(miles(distance), 1)}</td>
                <td>{percent(similarity)}</td>
                <td>{whole(price)}</td>
                <td>{signedShare(adjusted / price - 1)}</td>
                <td><b>{whole(adjusted)}</b></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {middle !== null && (
        <p className={styles.sum} aria-live="polite">
          <span>Middle of {plural(kept.length, 'adjusted sale')}{estimate !== null && `, ${signedShare(middle / estimate.value - 1)} from the estimate`}</span>
          <b>{whole(middle)}</b>
        </p>
      )}
      {without.length > 0 && <Button look="plain" icon="undo" onClick={() => onWithout([])}>Count all again</Button>}
    </section>
  )
}

function signedShare(share: number): string {
  return share > 0 ? `+${percent(share, 1)}` : percent(share, 1)
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
