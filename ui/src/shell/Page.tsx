// A page: the beam with title, key numbers and actions, and what hangs below it.
import { useIsFetching } from '@tanstack/react-query'
import { useEffect, type ReactNode } from 'react'
import { BeamTools } from './BeamTools'
import styles from './Page.module.css'

export interface KeyNumber {
  label: string
  value: ReactNode
  /** Asks for attention; the label has to say why. */
  hot?: boolean
}

interface Props {
  title: string
  /** Two to four; on a narrow screen the first ones stay. */
  numbers?: readonly KeyNumber[]
  actions?: ReactNode
  /** Beside the actions, such as who else is here; it may come and go, and nothing else moves. */
  beside?: ReactNode
  /** Nobody is signed in: no search, no live connection. */
  guest?: boolean
  /** The content takes the height of the window and scrolls inside itself. */
  fill?: boolean
  children: ReactNode
}

export function Page({ title, numbers = [], actions, beside, guest = false, fill = false, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Lintel`
  }, [title])
  return (
    <>
      <header className={styles.beam}>
        <h1 className={styles.title} tabIndex={-1} id="title">{title}</h1>
        {numbers.length > 0 && (
          <dl className={styles.numbers}>
            {numbers.map(({ label, value, hot }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd className={hot === true ? styles.hot : undefined}>{value}</dd>
              </div>
            ))}
          </dl>
        )}
        <div className={styles.side}>
          {beside}
          <div className={styles.actions}>
            {actions}
            {!guest && <BeamTools />}
          </div>
        </div>
        <Progress />
      </header>
      <div className={fill ? styles.fill : styles.body} data-fill={fill}>{children}</div>
    </>
  )
}

/** The thin line under the beam while something is asked for. */
function Progress() {
  const fetching = useIsFetching()
  return <div className={styles.progress} data-on={fetching > 0} aria-hidden="true" />
}
