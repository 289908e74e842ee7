// The place of "an area of your own" on the page: what is in it is loaded when the reader comes near.
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { Schema } from '~/api/client'
import { Skeleton } from '~/components/states'
import styles from './Markets.module.css'
import type { MarketUrl } from './url'

const AreaSales = lazy(() => import('./AreaSales'))

interface Props {
  market: Schema<'MarketOut'>
  search: MarketUrl
  onChange: (change: Partial<MarketUrl>) => void
}

export function OwnArea({ market, search, onChange }: Props) {
  const place = useRef<HTMLElement>(null)
  const near = useNear(place)
  const isSold = (market.listings.closed ?? 0) > 0
  return (
    <section ref={place} className={styles.part} aria-label="An area of your own">
      <h2>An area of your own</h2>
      {!isSold ? <p>No sales yet: prices of an area appear here as soon as the market has homes that were sold.</p> : (
        <div className={styles.ownRoom}>
          {near && <Suspense fallback={<Skeleton rows={8} label="Loading the area" />}><AreaSales key={market.id} market={market} search={search} onChange={onChange} /></Suspense>}
        </div>
      )}
    </section>
  )
}

/** Whether the reader has come to an element once. */
function useNear(element: React.RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (element.current === null) return
    const observer = new IntersectionObserver((seen) => {
      if (seen.some(({ isIntersecting }) => isIntersecting)) setNear(true)
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return near
}
