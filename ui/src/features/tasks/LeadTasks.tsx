// The tasks with one lead, on its page.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '~/components/Button'
import { ErrorState, Skeleton } from '~/components/states'
import type { Lead } from '~/features/leads/queries'
import { leadName } from '~/format/words'
import { useShortcuts } from '~/keyboard/registry'
import { useNow } from '~/state/now'
import { atLeast, useSession } from '~/state/session'
import { actOnTask } from './action'
import { useTaskChanges } from './changes'
import { grouped } from './groups'
import { tasksQuery } from './queries'
import { TaskDialogs } from './TaskDialogs'
import { TaskRow } from './TaskRow'
import styles from './Tasks.module.css'

export function LeadTasks({ lead }: { lead: Lead }) {
  const canChange = atLeast(useSession().role, 'agent')
  const changes = useTaskChanges()
  const now = useNow()
  const { data, isPending, error, refetch } = useInfiniteQuery(tasksQuery({ lead: lead.id }, null))
  const tasks = grouped(data?.pages.flatMap((page) => page.items).filter((task) => task.done_at == null) ?? [], now).flatMap(([, list]) => list)
  const create = () => actOnTask({ kind: 'create', lead: { id: lead.id, name: leadName(lead) } })
  useShortcuts(canChange ? [{ keys: 't', label: 'Add a task', group: 'Lead', run: create }] : [])
  return (
    <section aria-label="Tasks">
      <div className={styles.head}>
        <h2>Tasks</h2>
        <span className={styles.beside}>
          <Link to="/tasks" search={{ lead: lead.id, state: 'done' }} className={buttonClass('plain')}>Done tasks</Link>
          {canChange && <Button look="plain" icon="plus" keys="t" onClick={create}>Add a task</Button>}
        </span>
      </div>
      {isPending ? <Skeleton rows={1} label="Loading the tasks" />
        : error !== null ? <ErrorState error={error} what="The tasks" onRetry={() => void refetch()} />
        : tasks.length === 0 ? <p className={`${styles.short} ${styles.none}`}>Nothing was promised.</p>
        : <ul className={styles.short}>{tasks.map((task) => <TaskRow key={task.id} task={task} canChange={canChange} changes={changes} />)}</ul>}
      <TaskDialogs />
    </section>
  )
}
