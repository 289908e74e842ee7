// The page to sign in.
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import styles from './SignIn.module.css'
import { SignInForm } from './SignInForm'

interface Props {
  next?: string
  why?: 'expired' | 'out'
}

const notes = {
  expired: 'Your session has ended. Sign in again to go on where you were.',
  out: 'You are signed out.',
} as const

export function SignInPage({ next, why }: Props) {
  const router = useRouter()
  useEffect(() => {
    document.title = 'Sign in · Lintel'
  }, [])
  return (
    <main className={styles.page}>
      <div className={styles.beam}><h1>Sign in</h1><span>Lintel</span></div>
      <div className={styles.below}>
        <div className={styles.main}>
          <SignInForm note={why === undefined ? undefined : notes[why]} onDone={() => router.history.push(safeNext(next))} />
        </div>
        <div className={styles.beside}>
          <p>Who to answer next, which homes match, what they are worth.</p>
          <p>This server belongs to your team. What you enter here stays on it.</p>
        </div>
      </div>
    </main>
  )
}

/** Where to go after signing in: a path of this UI, never another site. */
export function safeNext(next: string | undefined): string {
  if (next?.startsWith('/') !== true) return '/'
  try {
    const url = new URL(next, location.origin)
    return url.origin === location.origin && url.pathname !== '/sign-in' ? url.pathname + url.search + url.hash : '/'
  } catch {
    return '/'
  }
}
