// One task: done with a tick, moved by its time, the rest behind a menu.
import { Link } from '@tanstack/react-router'
import { Menu, type MenuItem } from '~/components/Menu'
import { Time } from '~/components/Time'
import { exact, planned } from '~/format/time'
import { useNow } from '~/state/now'
import { actOnTask } from './action'
import type { TaskChanges } from './changes'
import type { Task } from './queries'
import styles from './Tasks.module.css'

interface Props {
  task: Task
  /** Whether it says with whom; on the page of the lead it does not. */
  withLead?: boolean
  /** Who does it, where that is worth a word. */
  who?: string
  canChange: boolean
  changes: TaskChanges
}

export function TaskRow({ task, withLead = false, who, canChange, changes }: Props) {
  const isDone = task.done_at != null
  const toggle = () => (isDone ? changes.reopen : changes.finish)(task)
  const items: MenuItem[] = [
    { label: 'Change', icon: 'edit', run: () => actOnTask({ kind: 'edit', task }) },
    { label: 'Delete', icon: 'remove', danger: true, run: () => changes.remove(task) },
  ]
  return (
    <li className={styles.row} data-task={task.id} data-done={isDone} data-short={!withLead}>
      <label className={styles.tick}>
        <span className="unseen">{isDone ? `To do again: ${task.title}` : `Done: ${task.title}`}</span>
        <input type="checkbox" checked={isDone} disabled={!canChange} onChange={toggle} />
      </label>
      <span className={styles.title}>{task.title}</span>
      {withLead && <Link to="/leads/$id" params={{ id: task.lead_id }} className={styles.lead}>{task.lead_name ?? 'No name'}</Link>}
      {withLead && <span className={styles.who}>{who}</span>}
      <span className={styles.when}>{isDone ? <Done task={task} /> : <Due task={task} canChange={canChange} />}</span>
      {canChange && <span className={styles.act}><Menu label={`Actions for ${task.title}`} icon="more" items={items} /></span>}
    </li>
  )
}

function Done({ task: { done_at: at } }: { task: Task }) {
  return at == null ? null : <span className={styles.quiet}>done <Time at={at} /></span>
}

/** By when; pressed, it asks for another time. */
function Due({ task, canChange }: { task: Task; canChange: boolean }) {
  const now = useNow()
  const at = task.due_at == null ? null : new Date(task.due_at)
  const isOver = at !== null && at <= now
  const text = at === null ? null : isOver ? <>overdue <Time at={at} /></> : <time dateTime={at.toISOString()} title={exact(at)}>{planned(at, now)}</time>
  const look = `${styles.due} ${isOver ? styles.over : ''}`
  if (!canChange) return <span className={look}>{text ?? 'no time'}</span>
  return (
    <button type="button" className={look} onClick={() => actOnTask({ kind: 'move', task })}>
      <span className="unseen">Move {task.title}: </span>{text ?? 'Set a time'}
    </button>
  )
}
