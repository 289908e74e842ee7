// What the admin pages read from their addresses.
import { id, oneOf, text, urlSchema } from '~/url'

export const states = ['dead', 'ready', 'running', 'done', 'cancelled'] as const

export const jobsUrl = urlSchema({
  state: oneOf(states),
  /** The job that is open. */
  job: id(),
})
export type JobsUrl = ReturnType<typeof jobsUrl>

export const auditUrl = urlSchema({ q: text(100) })
export type AuditUrl = ReturnType<typeof auditUrl>

export const modelsUrl = urlSchema({
  kind: oneOf(['lead-score', 'price', 'churn']),
  market: text(64),
})
export type ModelsUrl = ReturnType<typeof modelsUrl>

export const experimentsUrl = urlSchema({
  /** The experiment that is open. */
  experiment: id(),
})
export type ExperimentsUrl = ReturnType<typeof experimentsUrl>
