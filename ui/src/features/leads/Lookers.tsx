// Who else looks at this lead or home now: initials, with the names behind them.
import { useEffect, useRef } from 'react'
import { useLooking } from '~/api/presence'
import { Icon } from '~/components/Icon'
import { announce } from '~/state/announce'
import { useSession } from '~/state/session'
import styles from './Lookers.module.css'
import { alsoLooks, initials, without } from './others'
import { useNames } from './people'

const SHOWN = 3

/** Nothing while the reader is alone. `topic` is `lead:ID` or `listing:ID`. */
export function Lookers({ topic }: { topic: string }) {
  const { users, total } = without(useLooking(topic), useSession().user_id)
  const nameOf = useNames()
  const text = total === 0 ? '' : alsoLooks(users.map(nameOf), total)
  useArrival(total, text)
  if (total === 0) return null
  const shown = users.slice(0, total > SHOWN ? SHOWN - 1 : SHOWN)
  return (
    <span className={styles.lookers} title={text}>
      <span className="unseen">{text}</span>
      {shown.map((user) => <Face key={user} name={nameOf(user)} />)}
      {total > shown.length && <span className={styles.face} aria-hidden="true">+{total - shown.length}</span>}
    </span>
  )
}

function Face({ name }: { name: string | null }) {
  const known = name === null ? '' : initials(name)
  return <span className={styles.face} aria-hidden="true">{known === '' ? <Icon name="user" size={16} /> : known}</span>
}

/** Says so when somebody comes, and not when somebody leaves. */
function useArrival(total: number, text: string): void {
  const before = useRef(0)
  useEffect(() => {
    if (total > before.current) announce(text)
    before.current = total
  }, [total, text])
}
