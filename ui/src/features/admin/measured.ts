// What was measured of a model, read out of the free form in which the server keeps it.

export interface Bin {
  n: number
  predicted: number
  observed: number
}

/** Measures of a model of probabilities on rows that it has not seen. */
export interface Held {
  n: number
  positives: number
  auc: number
  logLoss: number
  brier: number
  ece: number
  lift: number[]
  reliability: Bin[]
}

/** Measures of a price model. */
export interface Priced {
  n: number
  medianError: number
  within10: number
  within20: number
  medianRatio: number
  cod: number
  coverage80: number | null
}

type Raw = Record<string, unknown>

function raw(value: unknown): Raw {
  return typeof value === 'object' && value !== null ? (value as Raw) : {}
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** Null when it is not a measurement of probabilities. */
export function heldOf(value: unknown): Held | null {
  const { n, positives, auc, log_loss, brier, ece, lift_by_decile, reliability } = raw(value)
  const [rows, area, loss] = [number(n), number(auc), number(log_loss)]
  if (rows === null || area === null || loss === null) return null
  const bins = Array.isArray(reliability) ? reliability.map(raw) : []
  return {
    n: rows,
    positives: number(positives) ?? 0,
    auc: area,
    logLoss: loss,
    brier: number(brier) ?? 0,
    ece: number(ece) ?? 0,
    lift: Array.isArray(lift_by_decile) ? lift_by_decile.map((one) => number(one) ?? 0) : [],
    reliability: bins.map((bin) => ({ n: number(bin.n) ?? 0, predicted: number(bin.predicted) ?? 0, observed: number(bin.observed) ?? 0 })),
  }
}

/** Null when it is not a measurement of prices. */
export function pricedOf(value: unknown): Priced | null {
  const { n, median_ape, within_10, within_20, median_ratio, cod, coverage_80 } = raw(value)
  const [rows, error] = [number(n), number(median_ape)]
  if (rows === null || error === null) return null
  return { n: rows, medianError: error, within10: number(within_10) ?? 0, within20: number(within_20) ?? 0, medianRatio: number(median_ratio) ?? 0, cod: number(cod) ?? 0, coverage80: number(coverage_80) }
}

/** How rows were held out, in words; empty when nothing says so. */
export function protocolOf(metrics: unknown): string {
  const { protocol } = raw(raw(metrics).evaluation)
  if (protocol === 'out_of_time') return 'Measured out of time: on leads that came after those it learned from.'
  return typeof protocol === 'string' ? `Measured ${protocol.replaceAll('_', ' ')}.` : 'Measured on rows that it has not seen.'
}

/** The log loss of always telling the same; null when it was not measured. */
export function constantLoss(metrics: unknown): number | null {
  return number(raw(raw(metrics).evaluation).constant_log_loss)
}

export function held(metrics: unknown): unknown {
  return raw(metrics).held_out
}
