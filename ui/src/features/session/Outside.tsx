// Pages outside the shell: nothing at this address, and what is shown before the session is known.
import { Link, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { tell } from '~/api/errors'
import { Button, buttonClass } from '~/components/Button'
import styles from './SignIn.module.css'

export function NotFound() {
  useEffect(() => {
    document.title = 'Not found · Lintel'
  }, [])
  return (
    <main className={styles.page}>
      <div className={styles.beam}><h1>Nothing here</h1><span>Lintel</span></div>
      <div className={styles.below}>
        <div className={styles.main}>
          <p className={styles.note}>There is no page at this address. It may have been moved, or a letter is missing.</p>
          <Link to="/" className={buttonClass('primary')}>Go to the leads</Link>
        </div>
      </div>
    </main>
  )
}

export function Starting() {
  return (
    <main className={styles.page}>
      <div className={styles.beam}><h1>One moment</h1><span>Lintel</span></div>
      <div className={styles.below} role="status"><p className={styles.note}>The page is on its way.</p></div>
    </main>
  )
}

export function Failed({ error }: { error: unknown }) {
  const router = useRouter()
  const told = tell(error, 'The page')
  return (
    <main className={styles.page}>
      <div className={styles.beam}><h1>{told.title}</h1><span>Lintel</span></div>
      <div className={styles.below} role="alert">
        <div className={styles.main}>
          <p className={styles.note}>{told.text}</p>
          <Button look="primary" onClick={() => void router.invalidate()}>Retry</Button>
          {told.requestId !== null && <p className={styles.note}>Request <code>{told.requestId}</code></p>}
        </div>
      </div>
    </main>
  )
}
