// What a live model is worth: on rows it has not seen when it was trained, and on what happened since.
import type { Schema } from '~/api/client'
import { EmptyState } from '~/components/states'
import { count, decimal, percent, plural } from '~/format/numbers'
import styles from './Admin.module.css'
import { constantLoss, held, heldOf, pricedOf, protocolOf, type Held } from './measured'
import { Reliability } from './Reliability'

export function Worth({ of: { model, since } }: { of: Schema<'EvaluationOut'> }) {
  const priced = pricedOf(held(model.metrics))
  if (priced !== null) {
    return (
      <>
        <Measures list={[
          ['Median error', percent(priced.medianError, 1), plural(priced.n, 'sale')], ['Within 10%', percent(priced.within10), ''], ['Within 20%', percent(priced.within20), ''],
          ['Median ratio', decimal(priced.medianRatio, 3), 'estimate to price'], ['COD', decimal(priced.cod, 1), '%'],
          ...(priced.coverage80 === null ? [] : [['In 80% interval', percent(priced.coverage80), 'of prices'] as const]),
        ]} />
        <p>Measured on sales that it has not seen. What its estimates were worth since stands on the page of the market.</p>
      </>
    )
  }
  const measured = heldOf(held(model.metrics))
  if (measured === null) return <EmptyState title="Not measured yet">With enough outcomes a model is trained and measured on leads that it has not seen.</EmptyState>
  const constant = constantLoss(model.metrics)
  const now = heldOf(since?.metrics)
  return (
    <>
      <Measures list={[
        ['Area under the curve', decimal(measured.auc, 3), `${plural(measured.n, 'lead')}, ${count(measured.positives)} of them positive`],
        ['Log loss', decimal(measured.logLoss, 3), constant === null ? '' : `${decimal(constant, 3)} for always the same`], ['Brier score', decimal(measured.brier, 3), ''], ['Calibration error', percent(measured.ece, 1), 'mean, by bins'],
      ]} />
      <p>{protocolOf(model.metrics)}</p>
      {now !== null && <p>On {plural(now.n, 'outcome')} since: area under the curve {decimal(now.auc, 3)}, log loss {decimal(now.logLoss, 3)}, calibration error {percent(now.ece, 1)}.</p>}
      <div className={styles.columns}>
        <Reliability bins={measured.reliability} />
        <Lift of={measured} />
      </div>
    </>
  )
}

function Measures({ list }: { list: readonly (readonly [string, string, string])[] }) {
  return <dl className={styles.measures}>{list.map(([label, value, note]) => <div key={label}><dt>{label}</dt><dd>{value}</dd>{note !== '' && <dd>{note}</dd>}</div>)}</dl>
}

/** How much more often it happens in each tenth of the scores than on average. */
function Lift({ of: { lift } }: { of: Held }) {
  if (lift.length === 0) return null
  const widest = Math.max(1, ...lift)
  return (
    <section className={styles.part}>
      <h3>Lift by tenth of the scores</h3>
      <dl className={styles.lift}>
        {lift.map((value, at) => (
          <div key={at}>
            <dt>{at === 0 ? 'Highest' : at === lift.length - 1 ? 'Lowest' : `${at + 1}.`}</dt>
            <dd className={styles.track} aria-hidden="true"><span style={{ width: `${(value / widest) * 100}%` }} /><i style={{ left: `${100 / widest}%` }} /></dd>
            <dd>{decimal(value, 2)}×</dd>
          </div>
        ))}
      </dl>
      <p className={styles.quiet}>1× is the average of all.</p>
    </section>
  )
}
