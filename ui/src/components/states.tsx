// What a page shows in place of its content: empty, failed, forbidden, on its way.
import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { isForbidden, tell } from '~/api/errors'
import { useSession, type Role } from '~/state/session'
import { sentence } from '~/format/words'
import { Button } from './Button'
import styles from './states.module.css'

/** One sentence on what will appear here, and one action. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.state}>
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action !== undefined && <div className={styles.actions}>{action}</div>}
    </div>
  )
}

interface ErrorProps {
  error: unknown
  /** What was to be shown, to go before "could not be loaded": "The leads". */
  what: string
  onRetry?: () => void
}

/** Says what failed in plain words, with the request's id and Retry. A refused role is told who may. */
export function ErrorState({ error, what, onRetry }: ErrorProps) {
  if (isForbidden(error)) return <Forbidden what={what} />
  const told = tell(error, what)
  return (
    <div className={styles.state} role="alert">
      <h2>{told.title}</h2>
      <p>{told.text}</p>
      <div className={styles.actions}>
        {told.retry && onRetry !== undefined && <Button onClick={onRetry}>Retry</Button>}
        {told.requestId !== null && (
          <span className={styles.request}>Request <code>{told.requestId}</code></span>
        )}
      </div>
    </div>
  )
}

/** For routes: `errorComponent: routeError('The leads')`. */
export function routeError(what: string) {
  return function RouteError({ error }: { error: unknown }) {
    const router = useRouter()
    const { reset } = useQueryErrorResetBoundary()
    const retry = () => {
      reset()
      void router.invalidate()
    }
    return <div className={styles.alone}><ErrorState error={error} what={what} onRetry={retry} /></div>
  }
}

/** Says which role can: the least one of a rank, or each of some. */
export function Forbidden({ what, needs }: { what: string; needs?: Role | readonly Role[] }) {
  const { role } = useSession()
  return (
    <div className={styles.state}>
      <h2>{what}: not for your role</h2>
      <p>
        You are signed in as {sentence(role).toLowerCase()}.{' '}
        {needs === undefined ? 'An owner or admin can give you a role that may.' : `It needs the role ${needed(needs)}; an owner or admin can give it to you.`}
      </p>
    </div>
  )
}

function needed(needs: Role | readonly Role[]): string {
  if (typeof needs === 'string') return `${sentence(needs).toLowerCase()} or higher`
  return needs.map((role) => sentence(role).toLowerCase()).join(' or ')
}

/** Rows in grey while a first visit loads; invisible for the first 150 ms. */
export function Skeleton({ rows = 8, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.bone} aria-hidden="true"><i /><i /><i /></div>
      ))}
    </div>
  )
}
