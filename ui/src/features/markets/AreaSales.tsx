// What homes sold for in an area of one's own, beside the whole market. Loaded once the reader comes near it.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { SaveTable } from '~/components/SaveTable'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { TimeChart, type Series } from '~/components/TimeChart'
import { boxOfAreas } from '~/features/homes/filters'
import { marketBoxQuery } from '~/features/homes/queries'
import { areasOf } from '~/features/homes/url'
import { plural } from '~/format/numbers'
import { month } from '~/format/time'
import { writeRings, type Ring } from '~/map/geometry'
import { useNow } from '~/state/now'
import { dayOf, timeOf, told } from './course'
import styles from './Markets.module.css'
import { allSales, drawnOf, earlier, monthsOf, pointsOf, salesTable, withheld, writingOf, type Month } from './sales'
import { salesQuery } from './salesQueries'
import { figures, type Figure, type MarketUrl } from './url'

const AreaMap = lazy(() => import('./AreaMap'))

const words: Record<Figure, { label: string; title: string }> = {
  price: { label: 'Price', title: 'Sold: median price' },
  price_per_sqft: { label: 'Per sq ft', title: 'Sold: median price per sq ft' },
  days_on_market: { label: 'Days to sale', title: 'Sold: median days to the sale' },
}

interface Props {
  market: Schema<'MarketOut'>
  search: MarketUrl
  onChange: (change: Partial<MarketUrl>) => void
}

export default function AreaSales({ market, search, onChange }: Props) {
  const areas = useMemo(() => areasOf(search), [search.poly])
  const span = monthsOf(search, dayOf(useNow().getTime()).slice(0, 7))
  const drawn = areas.length > 0
  const whole = useQuery({ ...salesQuery(market.id, undefined, span), placeholderData: keepPreviousData })
  const area = useQuery({ ...salesQuery(market.id, areas, span), enabled: drawn, placeholderData: keepPreviousData })
  const figure = search.sold ?? 'price'
  const inArea = drawn ? area.data : undefined
  return (
    <>
      <p>
        {drawn ? 'Homes sold inside what you drew, beside the whole market.' : 'Draw an area, or set a circle by typing: what homes sold for inside is then shown beside the whole market.'}
      </p>
      <div className={styles.own}>
        <OnTheMap market={market} areas={areas} onChange={onChange} />
        <div className={styles.figures}>
          <Choice legend="Figure" hideLegend value={figure} onChange={(value) => onChange({ sold: value === 'price' ? undefined : value })} options={figures.map((one) => [one, words[one].label])} />
          {drawn && area.isError && <ErrorState error={area.error} what="The sales in the area" onRetry={() => void area.refetch()} />}
          {whole.isError ? <ErrorState error={whole.error} what="The sales of the market" onRetry={() => void whole.refetch()} />
            : whole.isPending || (drawn && area.isPending) ? <Skeleton rows={8} label="Loading the sales" />
            : <Figures market={market} whole={whole.data} area={inArea} figure={figure} onChange={onChange} />}
        </div>
      </div>
    </>
  )
}

function OnTheMap({ market, areas, onChange }: Pick<Props, 'market' | 'onChange'> & { areas: readonly Ring[] }) {
  const [failed, setFailed] = useState<string | null>(null)
  // Where it starts is decided once; later the map moves by itself.
  const [first] = useState(() => (areas.length === 0 ? undefined : boxOfAreas(areas)))
  const extent = useQuery({ ...marketBoxQuery(market.slug, ['closed']), enabled: first === undefined })
  const box = first ?? extent.data
  const put = (rings: readonly Ring[]) => onChange({ poly: rings.length === 0 ? undefined : writeRings(rings) })
  if (failed !== null) return <p className={styles.note} role="status">This browser cannot draw the map. A link with an area shows its figures all the same.</p>
  if (extent.isError) return <ErrorState error={extent.error} what="The place of the market" onRetry={() => void extent.refetch()} />
  return (
    <div className={styles.areaMap}>
      {box !== undefined && <Suspense><AreaMap market={market.slug} start={{ box }} areas={areas} onAreas={put} onFailed={setFailed} /></Suspense>}
    </div>
  )
}

interface FiguresProps extends Pick<Props, 'market' | 'onChange'> {
  whole: Schema<'MarketSalesOut'>
  area: Schema<'MarketSalesOut'> | undefined
  figure: Figure
}

const monthOf = (period: string) => month(new Date(timeOf(`${period}-01`)))

function Figures({ market, whole, area, figure, onChange }: FiguresProps) {
  const drawn = useMemo(() => drawnOf(whole.months, area?.months, figure), [whole, area, figure])
  const write = useMemo(() => writingOf(figure, whole.currency, [...drawn.area, ...drawn.whole].filter((value) => value !== null)), [figure, whole.currency, drawn])
  const before = earlier(whole.months)
  if (allSales(whole.months) === 0) {
    return (
      <EmptyState title="No sales in these months" action={before === null ? undefined : <Button onClick={() => onChange(before)}>The ten years before</Button>}>
        None of the market’s sales closed {spanWords(whole.months)}.
      </EmptyState>
    )
  }
  const at = new Map(drawn.times.map((time, index) => [time, drawn.counts[index] ?? '']))
  const formatTime = (time: number) => `${month(new Date(time))}: ${at.get(time) ?? ''}`
  const series: Series[] = [
    ...(area === undefined ? [] : [{ label: 'Your area', values: drawn.area, colour: 's1' } as const]),
    { label: market.name, values: drawn.whole, ...(area === undefined ? { colour: 's1' as const } : { colour: 's2' as const, dotted: true }) },
  ]
  const sentence = (name: string, months: readonly Month[]) => told(`${words[figure].title} ${name}`, pointsOf(months, figure), [], write.long, (time) => month(new Date(time)))
  return (
    <>
      <TimeChart
        title={words[figure].title} unit={write.unit} height={260} times={drawn.times} series={series} format={write.long} formatTick={write.tick} formatTime={formatTime}
        summary={[...(area === undefined ? [] : [sentence('in your area', area.months)]), sentence(`of ${market.name}`, whole.months)].join(' ')}
        onRange={(first, last) => onChange({ from: dayOf(first), to: dayOf(last) })}
        actions={<SaveTable name={`${market.slug}-${area === undefined ? 'sales' : 'area-sales'}`} table={() => salesTable(whole.months, area?.months)} />}
      />
      <p>
        {area === undefined ? plural(allSales(whole.months), 'sale') : `${plural(allSales(area.months), 'sale')} in the area, ${plural(allSales(whole.months), 'sale')} in the whole market`}, {spanWords(whole.months)}.
      </p>
      <Withheld months={(area ?? whole).months} figure={figure} least={whole.least_sales} where={area === undefined ? 'in the market' : 'in the area'} />
    </>
  )
}

function spanWords(months: readonly Month[]): string {
  const [first, last] = [months[0], months.at(-1)]
  return first === undefined || last === undefined ? '' : `from ${monthOf(first.period)} to ${monthOf(last.period)}`
}

const MOST_NAMED = 6

/** Says which months are not told, and why. */
function Withheld({ months, figure, least, where }: { months: readonly Month[]; figure: Figure; least: number; where: string }) {
  const found = withheld(months, figure, monthOf)
  if (found.length === 0) return null
  const known = figure === 'price' ? '' : figure === 'price_per_sqft' ? ' of known living area' : ' of known time on the market'
  return (
    <p className={styles.note}>
      {plural(found.length, 'month')} of {months.length} not shown, as fewer than {least} sales{known} {where} say too little: {found.slice(-MOST_NAMED).join(', ')}
      {found.length > MOST_NAMED && `, and ${found.length - MOST_NAMED} before`}. The number of sales stands in brackets, and for each month in the table.
    </p>
  )
}
