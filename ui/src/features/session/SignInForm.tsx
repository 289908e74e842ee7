// The form that signs in: on its own page, and in place when a session has ended.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, type SubmitEvent } from 'react'
import { ApiError, fieldMessages, Unreachable } from '~/api/errors'
import { Button } from '~/components/Button'
import { formClass, TextField } from '~/components/Field'
import { signIn, type Credentials } from '~/state/session'
import styles from './SignIn.module.css'

const TENANT = 'lintel.tenant'

interface Props {
  note?: string
  /** Who it was, when that is known. */
  known?: { tenant: string; email: string | null }
  onDone: () => void
}

export function SignInForm({ note, known, onDone }: Props) {
  const client = useQueryClient()
  const password = useRef<HTMLInputElement>(null)
  const { mutate, isPending, error } = useMutation({
    mutationFn: (credentials: Credentials) => signIn(client, credentials),
    onSuccess: (_, { tenant }) => {
      remember(tenant)
      onDone()
    },
    onError: () => password.current?.select(),
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    const text = (name: string) => {
      const value = values.get(name)
      return typeof value === 'string' ? value : ''
    }
    mutate({ tenant: text('tenant').trim(), email: text('email').trim(), password: text('password') })
  }
  const problems = fieldMessages(error)
  return (
    <form className={formClass} onSubmit={submit}>
      {note !== undefined && <p className={styles.note}>{note}</p>}
      {error !== null && <p role="alert" className={styles.problem}>{refusal(error)}</p>}
      <TextField label="Team" name="tenant" required autoCapitalize="none" spellCheck={false} autoComplete="organization" defaultValue={known?.tenant ?? remembered()} problem={problems.tenant} hint="The short name of your team on this server." />
      <TextField label="E-mail" name="email" type="email" required autoComplete="username" defaultValue={known?.email ?? undefined} problem={problems.email} />
      <TextField ref={password} label="Password" name="password" type="password" required autoComplete="current-password" problem={problems.password} />
      <div><Button type="submit" look="primary" disabled={isPending}>{isPending ? 'Signing in' : 'Sign in'}</Button></div>
    </form>
  )
}

/** Why signing in failed, in plain words. */
export function refusal(error: unknown): string {
  if (error instanceof Unreachable) return 'The server cannot be reached. Check the connection and try again.'
  if (!(error instanceof ApiError)) return 'Signing in failed.'
  if (error.status === 401) return 'Team, e-mail and password do not fit together.'
  if (error.status === 429) {
    const minutes = error.retryAfter === null ? null : Math.ceil(error.retryAfter / 60)
    const wait = minutes === null ? 'Wait a while' : minutes <= 1 ? 'Wait a minute' : `Wait ${minutes} minutes`
    return `Signing in is locked after too many attempts. ${wait}, then try again.`
  }
  return error.message
}

function remember(tenant: string): void {
  try {
    localStorage.setItem(TENANT, tenant)
  } catch {
    // Without storage the team is typed again next time.
  }
}

function remembered(): string {
  try {
    return localStorage.getItem(TENANT) ?? ''
  } catch {
    return ''
  }
}
