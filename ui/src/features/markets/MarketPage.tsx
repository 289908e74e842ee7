// One market: a series with its forecast, what the forecast was worth before, how right the price estimates were, and what homes
// sold for in an area of one's own.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Schema } from '~/api/client'
import { useTopics } from '~/api/topics'
import { buttonClass } from '~/components/Button'
import { CopyLink } from '~/components/CopyLink'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { count, signed } from '~/format/numbers'
import { sentence } from '~/format/words'
import { Page, type KeyNumber } from '~/shell/Page'
import { useNarrow } from '~/state/media'
import { mayImport, useSession } from '~/state/session'
import { Accuracy, hasHomes } from './Accuracy'
import { Backtest } from './Backtest'
import { writing, yearly } from './course'
import { MarketChart } from './MarketChart'
import styles from './Markets.module.css'
import { OwnArea } from './OwnArea'
import { forecastQuery, marketQuery, marketsQuery, seriesQuery } from './queries'
import { SeriesBar } from './SeriesBar'
import { metricOf, type MarketUrl } from './url'

interface Props {
  id: string
  search: MarketUrl
  onChange: (change: Partial<MarketUrl>) => void
}

export function MarketPage({ id, search, onChange }: Props) {
  const market = useQuery(marketQuery(id))
  useTopics([`market:${id}`])
  if (market.isError) return <Page title="Market"><ErrorState error={market.error} what="The market" onRetry={() => void market.refetch()} /></Page>
  if (market.isPending) return <Page title="Market"><Skeleton rows={8} label="Loading the market" /></Page>
  const { metrics } = market.data
  const metric = metricOf(metrics, search)
  if (metric === undefined) {
    return (
      <Page title={market.data.name} numbers={listed(market.data)} actions={<OnTheMap of={market.data} />}>
        <NoSeries />
        <Accuracy market={market.data} />
        <div className={styles.apart}><OwnArea market={market.data} search={search} onChange={onChange} /></div>
      </Page>
    )
  }
  return <WithSeries market={market.data} metric={metric} search={search} onChange={onChange} />
}

function WithSeries({ market, metric, search, onChange }: Omit<Props, 'id'> & { market: Schema<'MarketOut'>; metric: string }) {
  const series = useQuery(seriesQuery(market.id, metric))
  const forecast = useQuery(forecastQuery(market.id, metric))
  const markets = useQuery(marketsQuery)
  const others = useMemo(() => (markets.data ?? []).filter((one) => one.id !== market.id && one.metrics.includes(metric)), [markets.data, market.id, metric])
  const second = others.find((one) => one.id === search.beside)
  const beside = useQuery({ ...seriesQuery(second?.id ?? '', metric), enabled: second !== undefined })
  const points = series.data?.points
  const write = useMemo(() => writing(metric, market.currency, points?.map(({ value }) => value) ?? []), [metric, market.currency, points])
  const last = points?.at(-1)
  const change = points === undefined ? null : yearly(points)
  const narrow = useNarrow()
  const actions = <><CopyLink /><OnTheMap of={market} /></>
  const numbers: KeyNumber[] = [
    { label: sentence(metric), value: last === undefined ? '–' : write.long(last.value) },
    { label: 'Over a year', value: change === null ? '–' : `${signed(change * 100, 1)}%` },
    ...listed(market),
  ]
  return (
    <Page title={market.name} numbers={numbers} actions={!narrow && actions}>
      <div className={styles.bleed}>
        <SeriesBar metrics={market.metrics} metric={metric} others={others} search={search} points={points ?? []} onChange={onChange} />
        <div className={styles.panes}>
          {series.isError ? <ErrorState error={series.error} what="The series" onRetry={() => void series.refetch()} />
            : points === undefined ? <Skeleton rows={7} label="Loading the series" />
            : <MarketChart market={market} metric={metric} write={write} points={points} forecast={forecast.data} beside={second === undefined ? undefined : { name: second.name, points: beside.data?.points ?? [] }} search={search} onChange={onChange} />}
          <aside className={styles.side} aria-label="How good the forecast is">
            {forecast.isError ? <ErrorState error={forecast.error} what="The forecast" onRetry={() => void forecast.refetch()} />
              : forecast.isPending ? <Skeleton rows={5} label="Making the forecast" />
              : <Backtest forecast={forecast.data} write={write} />}
          </aside>
        </div>
        {narrow && <div className={styles.actions}>{actions}</div>}
        <div className={styles.whole}><Accuracy market={market} /></div>
        <div className={styles.whole}><OwnArea market={market} search={search} onChange={onChange} /></div>
      </div>
    </Page>
  )
}

function OnTheMap({ of }: { of: Schema<'MarketOut'> }) {
  if (!hasHomes(of)) return null
  return <Link to="/markets/map" search={{ market: of.slug }} className={buttonClass()}>Bubble map</Link>
}

function listed({ listings }: Schema<'MarketOut'>): KeyNumber[] {
  return [{ label: 'For sale', value: count(listings.active ?? 0) }, { label: 'Sold', value: count(listings.closed ?? 0) }]
}

function NoSeries() {
  const { role } = useSession()
  return (
    <EmptyState title="No series of this market" action={mayImport(role) ? <Link to="/import" search={{ kind: 'series' }} className={buttonClass()}>Import a series</Link> : undefined}>
      Its course and forecast appear here as soon as a file of series names the market.
    </EmptyState>
  )
}
