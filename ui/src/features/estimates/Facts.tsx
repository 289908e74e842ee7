// The facts of a home, and how its price and status have changed.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorState } from '~/components/states'
import { Time } from '~/components/Time'
import { money, percent } from '~/format/numbers'
import { sentence } from '~/format/words'
import { factsOfHomes } from '~/features/homes/comparison'
import type { Home } from '~/features/homes/home'
import { statusWords } from '~/features/homes/words'
import styles from './Home.module.css'
import { historyQuery } from './queries'

export function Facts({ home }: { home: Home }) {
  return (
    <section className={styles.part}>
      <h2>Facts</h2>
      <dl className={styles.facts}>
        {factsOfHomes([home]).map(({ label, values }) => <div key={label}><dt>{label}</dt><dd>{values[0]}</dd></div>)}
        <div><dt>Source</dt><dd>{sentence(home.source)}, {home.listing_key}</dd></div>
      </dl>
      {home.remarks != null && <p className={styles.remarks}>{home.remarks}</p>}
    </section>
  )
}

export function History({ home }: { home: Home }) {
  const { data, error, refetch } = useQuery(historyQuery(home.id))
  const first = home.original_list_price ?? home.list_price
  return (
    <section className={styles.part}>
      <h2>Price and status</h2>
      {error !== null && <ErrorState error={error} what="The history" onRetry={() => void refetch()} />}
      <ol className={styles.history}>
        {home.status === 'closed' && home.close_price != null && home.close_date != null && <Change at={`${home.close_date}T12:00:00`}>Sold for <b>{money(home.close_price)}</b></Change>}
        {data?.items.map(({ at, list_price: price, status }) => (
          <Change key={at} at={at}>
            {price != null && <>Price {price.from == null ? 'set' : `from ${money(price.from)}`} to <b>{price.to == null ? 'none' : money(price.to)}</b>{move(price.from, price.to)}</>}
            {price != null && status != null && '; '}
            {status != null && <>{statusWords(status.from)} to <b>{statusWords(status.to).toLowerCase()}</b></>}
          </Change>
        ))}
        {home.listed_at != null && <Change at={home.listed_at}>Listed{first != null && <> at <b>{money(first)}</b></>}</Change>}
      </ol>
    </section>
  )
}

function Change({ at, children }: { at: string; children: ReactNode }) {
  return <li><Time at={at} /><span>{children}</span></li>
}

function move(from: number | null | undefined, to: number | null | undefined): string {
  if (from == null || to == null || from === 0) return ''
  const share = to / from - 1
  return ` (${share > 0 ? '+' : ''}${percent(share, 1)})`
}
