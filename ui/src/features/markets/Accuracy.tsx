// How right the price estimates were: a ratio study by value, out of sample, each measure with its interval.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Schema } from '~/api/client'
import { ErrorState, Skeleton } from '~/components/states'
import { Table, type TableColumn } from '~/components/Table'
import { count, decimal, moneyShort, percent, plural } from '~/format/numbers'
import styles from './Markets.module.css'
import { accuracyQuery } from './queries'

type Study = Schema<'StudyOut'>
type Measure = Schema<'MeasureOut'>

interface Row {
  label: string
  n: number
  study: Study
}

export function Accuracy({ market }: { market: Schema<'MarketOut'> }) {
  const { data, isPending, error, refetch } = useQuery({ ...accuracyQuery(market.id), enabled: hasHomes(market) })
  if (!hasHomes(market)) return <Frame><p>No study yet: the market has no homes.</p></Frame>
  if (isPending) return <Skeleton rows={4} label="Loading the accuracy of estimates" />
  if (error !== null) return <ErrorState error={error} what="The accuracy of estimates" onRetry={() => void refetch()} />
  const found = data.find((one) => one.market === market.id)
  return (
    <Frame>
      {found?.study == null ? <p>No study yet: {found?.reason ?? 'the market has no homes'}.{found !== undefined && found.pending > 0 ? ` ${plural(found.pending, 'home')} with an estimate ${found.pending === 1 ? 'waits' : 'wait'} for a sale.` : ''}</p> : <Of market={found} study={found.study} />}
    </Frame>
  )
}

/** Of a market that has only series nothing is known. */
export function hasHomes({ listings }: Pick<Schema<'MarketOut'>, 'listings'>): boolean {
  return Object.values(listings).some((n) => n > 0)
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <section className={styles.part} aria-label="Accuracy of price estimates">
      <h2>How right the price estimates were</h2>
      {children}
    </section>
  )
}

function Of({ market, study }: { market: Schema<'MarketAccuracyOut'>; study: Study }) {
  const rows: Row[] = [
    { label: 'All homes', n: market.n, study },
    ...market.tiers.map((tier) => ({ label: `${moneyShort(tier.from, market.currency)} to ${moneyShort(tier.to, market.currency)}`, n: tier.n, study: tier.study })),
  ]
  const ends = rows.flatMap((row) => [...row.study.median_ratio.interval95, row.study.median_ratio.value, 1])
  const range = [Math.min(...ends), Math.max(...ends)] as const
  const columns: TableColumn<Row>[] = [
    { id: 'tier', label: 'Value', cell: (row) => row.label },
    { id: 'n', label: 'Sales', align: 'end', cell: (row) => count(row.n) },
    { id: 'error', label: 'Median error', align: 'end', cell: (row) => percent(row.study.median_ape, 1) },
    { id: 'within10', label: 'Within 10%', align: 'end', cell: (row) => percent(row.study.within_10) },
    { id: 'within20', label: 'Within 20%', align: 'end', cell: (row) => percent(row.study.within_20) },
    { id: 'ratio', label: 'Median ratio, estimate to price', cell: (row) => <Ratio of={row.study.median_ratio} range={range} /> },
    { id: 'cod', label: <abbr title="Coefficient of dispersion, in %">COD</abbr>, align: 'end', cell: (row) => <With of={row.study.cod} digits={1} /> },
    { id: 'prd', label: <abbr title="Price-related differential: above 1.03 favours dear homes">PRD</abbr>, align: 'end', cell: (row) => <With of={row.study.prd} digits={3} /> },
    { id: 'prb', label: <abbr title="Price-related bias: change of the ratio when the price doubles">PRB</abbr>, align: 'end', cell: (row) => <With of={row.study.prb} digits={3} /> },
    { id: 'coverage', label: 'In 80% interval', align: 'end', cell: (row) => (row.study.coverage_80 === null ? '–' : percent(row.study.coverage_80)) },
  ]
  return (
    <>
      <p>
        Half of {plural(market.n, 'estimate')} were within {percent(study.median_ape, 1)} of the price. Each was made when the home came on the market, before its sale was known.
        {market.pending > 0 && ` ${plural(market.pending, 'home')} with an estimate ${market.pending === 1 ? 'is' : 'are'} not sold yet.`}
        {market.is_cut && ' Only the latest 10,000 sales are studied.'}
      </p>
      <Table label="Ratio study by value" columns={columns} rows={rows} rowKey={(row) => row.label} />
      <p className={styles.note}>Ranges are 95% confidence intervals (IAAO Standard on Ratio Studies). {count(market.left_out)} sales left out, {count(market.refused)} estimates refused.</p>
    </>
  )
}

/** The interval as a line on a common scale, a dashed line at 1, and the same in words. */
function Ratio({ of, range: [low, high] }: { of: Measure; range: readonly [number, number] }) {
  const at = (value: number) => `${((value - low) / (high - low || 1)) * 100}%`
  const [from = of.value, to = of.value] = of.interval95
  return (
    <span className={styles.measure}>
      <span className={styles.whiskers} aria-hidden="true">
        <u style={{ left: at(1) }} />
        <i style={{ left: at(from), right: `calc(100% - ${at(to)})` }} />
        <b style={{ left: at(of.value) }} />
      </span>
      <With of={of} digits={3} />
    </span>
  )
}

function With({ of: { value, interval95: [from = value, to = value] }, digits }: { of: Measure; digits: number }) {
  return <span>{decimal(value, digits)} <small className={styles.quiet}>{decimal(from, digits)} to {decimal(to, digits)}</small></span>
}
