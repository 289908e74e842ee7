// The bubble map: areas of a market, each with a size, a colour and words that can be bound to any metric.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { useTopics } from '~/api/topics'
import { Button, buttonClass } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { count } from '~/format/numbers'
import { marketBoxQuery, marketsQuery } from '~/features/homes/queries'
import { useShortcuts } from '~/keyboard/registry'
import { middleOf, readBox, ringOf, snapped, zoomFor } from '~/map/geometry'
import { Page } from '~/shell/Page'
import { useNarrow } from '~/state/media'
import { AreaPanel, valueWords } from './AreaPanel'
import { AreaTable } from './AreaTable'
import { homesOf, whereabouts, type Area } from './areas'
import { Binds } from './Binds'
import styles from './Bubbles.module.css'
import { useShades } from './colours'
import { bubblesOf, scaleOf } from './drawn'
import { Legend } from './Legend'
import { metricOf, type MetricId } from './metrics'
import { counted } from './queries'
import { boundOf, type BubblesUrl } from './url'
import { useAreas } from './useAreas'

const BubblesMap = lazy(() => import('./BubblesMap'))

interface Props {
  /** Null when the tenant has none. */
  market: string | null
  search: BubblesUrl
  /** Changes the address; `replace` leaves no step for Back. */
  onChange: (change: Partial<BubblesUrl>, replace?: boolean) => void
}

/** How large the map is about, to know the zoom of a box before there is one. */
function pane(narrow: boolean): [number, number] {
  const { innerWidth, innerHeight } = globalThis
  return narrow ? [innerWidth - 48, innerHeight * 0.3] : [Math.max(320, innerWidth - 400), Math.max(240, innerHeight - 200)]
}

export function BubblesPage({ market, search, onChange }: Props) {
  if (market === null) {
    return <Page title="Bubble map"><EmptyState title="No markets yet" action={<Link to="/markets" className={buttonClass()}>To the markets</Link>}>Areas appear here as soon as listings or sales with a place are imported.</EmptyState></Page>
  }
  return <Bubbles key={market} market={market} search={search} onChange={onChange} />
}

function Bubbles({ market, search, onChange }: Props & { market: string }) {
  useTopics([`market:${market}`])
  const markets = useQuery(marketsQuery)
  const currency = markets.data?.items.find(({ slug }) => slug === market)?.currency ?? 'USD'
  const extent = useQuery(marketBoxQuery(market, counted))
  const narrow = useNarrow()
  const [failed, setFailed] = useState<string | null>(null)
  const bound = boundOf(search)
  const ids = [...new Set([bound.size, bound.color, bound.metric])]
  const box = search.bbox === undefined ? extent.data : (readBox(search.bbox) ?? extent.data)
  const view = box === undefined ? null : snapped(box, search.z ?? zoomFor(box, ...pane(narrow)))
  const { areas, pending, error, retry } = useAreas(market, bound, view)
  const shades = useShades()
  const scale = useMemo(() => scaleOf(areas, bound, shades), [areas, bound.size, bound.color, shades])
  const bubbles = useMemo(() => bubblesOf(areas, bound, scale, shades.none, currency), [areas, bound.size, bound.color, bound.metric, scale, shades, currency])
  const title = (area: Area) => (extent.data === undefined ? 'Area' : whereabouts(area, middleOf(ringOf(extent.data))))
  const current = areas.find(({ id }) => id === search.area)
  const { open, close } = useOpen(search, onChange)
  const asTable = search.view === 'table' || failed !== null
  useShortcuts([
    { keys: 't', label: asTable ? 'Show the map' : 'Show the table', group: 'Bubble map', run: () => onChange({ view: asTable ? undefined : 'table' }) },
    ...(current === undefined ? [] : [{ keys: 'esc', label: 'Close the area', group: 'Bubble map', run: close }]),
  ])
  const total = areas.reduce((sum, area) => sum + homesOf(area, bound.size), 0)
  const say = (id: string) => {
    const area = areas.find((one) => one.id === id)
    return area === undefined ? '' : `${title(area)}: ${ids.map((one) => `${metricOf(one).label} ${valueWords(area, one, currency)}`).join(', ')}`
  }
  const start = box === undefined ? null : { box, zoom: search.bbox === undefined ? undefined : search.z }
  const waiting = <div className={styles.waiting} />
  return (
    <Page title="Bubble map" fill numbers={[{ label: 'Areas in view', value: pending ? '–' : count(areas.length) }, { label: metricOf(bound.size).group === 'sold' ? 'Homes sold' : 'Homes for sale', value: pending ? '–' : count(total) }]}>
      <div className={styles.page}>
        <Binds market={market} search={search} onChange={onChange}>
          <Choice legend="Shown as" hideLegend value={asTable ? 'table' : 'map'} options={failed === null ? [['map', 'Map'], ['table', 'Table']] : [['table', 'Table']]} onChange={(value) => onChange({ view: value === 'table' ? 'table' : undefined })} />
        </Binds>
        <div className={styles.panes}>
          <div className={styles.main}>
            {failed !== null && <p className={styles.note} role="status">This browser cannot draw the map; the table has the same.</p>}
            {error !== null && <ErrorState error={error} what="The areas" onRetry={retry} />}
            {extent.isError && error === null && <ErrorState error={extent.error} what="The market" onRetry={() => void extent.refetch()} />}
            {!pending && error === null && total === 0 && <NothingHere bound={bound.size} onChange={onChange} onEverywhere={search.bbox === undefined || extent.data === undefined ? undefined : () => onChange({ bbox: extent.data.join(','), z: undefined })} />}
            {!asTable ? (start === null ? waiting : (
              <Suspense fallback={waiting}>
                <BubblesMap market={market} bubbles={bubbles} start={start} place={search} current={search.area} say={say} onMove={(next, zoom) => onChange({ bbox: next.join(','), z: zoom })} onOpen={open} onFailed={setFailed} />
              </Suspense>
            ))
              : pending ? <Skeleton rows={10} label="Loading the areas" />
              : areas.length > 0 && <AreaTable areas={areas} ids={ids} title={title} currency={currency} sort={search.sort ?? `-${bound.size}`} current={search.area} onSort={(sort) => onChange({ sort })} onOpen={open} />}
          </div>
          {/* It scrolls and may hold nothing that takes the focus. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <aside className={styles.side} aria-label="Legend and area" tabIndex={0}>
            {current === undefined ? null : <AreaPanel market={market} area={current} title={title(current)} ids={ids} currency={currency} onClose={close} />}
            {!(narrow && asTable) && <Legend bound={bound} scale={scale} none={shades.none} currency={currency} />}
            {current === undefined && areas.length > 0 && <p className={styles.quiet}>Choose an area to see its numbers and its homes.</p>}
          </aside>
        </div>
      </div>
    </Page>
  )
}

/** Opens an area with a step for Back, and gives the focus back when it is closed. */
function useOpen(search: BubblesUrl, onChange: Props['onChange']) {
  const opener = useRef<HTMLElement | null>(null)
  const open = (id: string) => {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
    onChange({ area: id }, search.area !== undefined)
  }
  const close = () => {
    onChange({ area: undefined })
    opener.current?.focus()
  }
  return { open, close }
}

function NothingHere({ bound, onChange, onEverywhere }: { bound: MetricId; onChange: Props['onChange']; onEverywhere: (() => void) | undefined }) {
  const sold = metricOf(bound).group === 'sold'
  const other: Partial<BubblesUrl> = sold ? { size: undefined, color: undefined, metric: undefined } : { size: 'sold', color: 'sold_price', metric: undefined }
  return (
    // Over the map: were the map smaller for it, that would be a move, and a move asks anew.
    <div className={`${styles.note} ${styles.over}`} role="status">
      <span>No home {sold ? 'was sold' : 'is for sale'} in this view.</span>
      <Button onClick={() => onChange(other)}>{sold ? 'Homes for sale' : 'Homes sold'}</Button>
      {onEverywhere !== undefined && <Button onClick={onEverywhere}>The whole market</Button>}
    </div>
  )
}
