// Why a change was refused, at the head of its form or dialog.
import { ApiError, isForbidden, tell } from '~/api/errors'
import styles from './Refusal.module.css'

/** Nothing while there is no error. `what` is what could not be saved: "The market". */
export function Refusal({ error, what }: { error: unknown; what: string }) {
  if (error == null) return null
  return <p role="alert" className={styles.refusal}>{refused(error, what)}</p>
}

/** One sentence on a refused change. */
export function refused(error: unknown, what: string): string {
  if (isForbidden(error)) return `${what}: your role may not do this. An owner or admin can give you one that may.`
  if (error instanceof ApiError && error.status < 500 && error.status !== 429) {
    // The fields have their words beside them; the head says the rest.
    return error.fields.length > 0 ? `${what} was not accepted. ${error.fields.map((field) => field.detail).join('; ')}.` : error.message
  }
  return tell(error, what).text
}
