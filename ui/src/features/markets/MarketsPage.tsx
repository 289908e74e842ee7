// All markets: what is for sale, which series there are, how right the estimates have been.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Schema } from '~/api/client'
import { Button, buttonClass } from '~/components/Button'
import { DataGrid, type Column } from '~/components/DataGrid'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { count, percent, plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import { Page } from '~/shell/Page'
import { useNarrow } from '~/state/media'
import { atLeast, mayImport, useSession } from '~/state/session'
import styles from './Markets.module.css'
import { NewMarket } from './NewMarket'
import { accuracyQuery, marketsQuery } from './queries'
import type { MarketsUrl } from './url'

type Market = Schema<'MarketOut'>

interface Props {
  search: MarketsUrl
  onChange: (change: Partial<MarketsUrl>) => void
}

const shown = (market: Market, status: string) => market.listings[status] ?? 0

export function MarketsPage({ search, onChange }: Props) {
  const { data = [], isPending, isError, error, refetch } = useQuery(marketsQuery)
  const accuracy = useQuery(accuracyQuery())
  const [adding, setAdding] = useState(false)
  const { role } = useSession()
  const narrow = useNarrow()
  const actions = <><Link to="/markets/map" className={buttonClass()}>Bubble map</Link>{atLeast(role, 'admin') && <Button icon="plus" onClick={() => setAdding(true)}>New market</Button>}</>
  const navigate = useNavigate()
  const rows = useMemo(() => found(data, search.q), [data, search.q])
  const studies = useMemo(() => new Map(accuracy.data?.map((one) => [one.market, one])), [accuracy.data])
  const columns: Column<Market>[] = [
    { id: 'name', label: 'Market', width: 'minmax(150px, 1.4fr)', cell: (market) => <b>{market.name}</b> },
    { id: 'active', label: 'For sale', width: '90px', align: 'end', cell: (market) => count(shown(market, 'active')) },
    { id: 'pending', label: 'Pending', width: '90px', align: 'end', cell: (market) => count(shown(market, 'pending') + shown(market, 'active_under_contract')) },
    { id: 'closed', label: 'Sold', width: '90px', align: 'end', cell: (market) => count(shown(market, 'closed')) },
    { id: 'error', label: 'Median error of estimates', width: '190px', align: 'end', cell: (market) => <MedianError of={studies.get(market.id)} /> },
    { id: 'series', label: 'Series', width: 'minmax(140px, 1.6fr)', cell: (market) => <span className={styles.quiet}>{market.metrics.map(sentence).join(', ') || 'none'}</span> },
  ]
  const active = data.reduce((sum, market) => sum + shown(market, 'active'), 0)
  const series = data.reduce((sum, market) => sum + market.metrics.length, 0)
  return (
    <Page
      title="Markets" fill
      numbers={[{ label: 'Markets', value: count(data.length) }, { label: 'Homes for sale', value: count(active) }, { label: 'Series', value: count(series) }]}
      actions={!narrow && actions}
    >
      <section className={styles.list} aria-label="Markets">
        <div className={styles.bar}>
          <input className={styles.filter} type="search" aria-label="Find a market" placeholder="Find a market" value={search.q ?? ''} onChange={(event) => onChange({ q: event.target.value || undefined })} />
          <span className={styles.quiet} role="status">{search.q === undefined ? '' : `${count(rows.length)} of ${count(data.length)}`}</span>
          {narrow && <div className={styles.tools}>{actions}</div>}
        </div>
        {isError ? <ErrorState error={error} what="The markets" onRetry={() => void refetch()} />
          : isPending ? <Skeleton rows={10} label="Loading markets" />
          : data.length === 0 ? <NoMarkets may={mayImport(role)} />
          : rows.length === 0 ? <EmptyState title={`No market is called “${search.q ?? ''}”`} action={<Button onClick={() => onChange({ q: undefined })}>Show all</Button>} />
          : (
            <DataGrid
              main label="Markets" columns={columns} rows={rows} rowKey={(market) => market.id} leastWidth={860} scrollId="markets"
              rowLabel={(market) => `${market.name}, ${plural(shown(market, 'active'), 'home')} for sale, ${plural(market.metrics.length, 'series', 'series')}`}
              onOpen={(market) => void navigate({ to: '/markets/$id', params: { id: market.id } })}
              compact={(market) => <Compact market={market} />}
            />
          )}
      </section>
      {adding && <NewMarket onClose={() => setAdding(false)} onDone={(id) => void navigate({ to: '/markets/$id', params: { id } })} />}
    </Page>
  )
}

/** Those whose name or address has the text. */
export function found(markets: readonly Market[], q: string | undefined): readonly Market[] {
  const text = q?.trim().toLowerCase() ?? ''
  return text === '' ? markets : markets.filter(({ name, slug }) => name.toLowerCase().includes(text) || slug.includes(text))
}

function MedianError({ of }: { of: Schema<'MarketAccuracyOut'> | undefined }) {
  if (of?.study == null) return <span className={styles.quiet} title={of?.reason ?? undefined}>not known yet</span>
  return <span title={plural(of.n, 'sale')}>{percent(of.study.median_ape, 1)} <span className={styles.quiet}>of {count(of.n)}</span></span>
}

function Compact({ market }: { market: Market }) {
  return (
    <>
      <div className={styles.compact}><b>{market.name}</b><span>{count(shown(market, 'active'))} for sale</span></div>
      <div className={`${styles.compact} ${styles.quiet}`}><span>{market.metrics.map(sentence).join(', ') || 'No series'}</span></div>
    </>
  )
}

function NoMarkets({ may }: { may: boolean }) {
  return (
    <EmptyState title="No markets yet" action={may ? <Link to="/import" className={buttonClass('primary')}>Import a file</Link> : undefined}>
      A market appears with the first file of listings, sales or series that names it.
    </EmptyState>
  )
}
