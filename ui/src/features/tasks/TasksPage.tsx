// Tasks: what is overdue, what comes next, what is done.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { Menu } from '~/components/Menu'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { nameOf, usePeople } from '~/features/leads/people'
import { count } from '~/format/numbers'
import { planned } from '~/format/time'
import { useShortcuts } from '~/keyboard/registry'
import { Page, type KeyNumber } from '~/shell/Page'
import { useNow } from '~/state/now'
import { atLeast, useSession } from '~/state/session'
import { actOnTask } from './action'
import { useTaskChanges } from './changes'
import { grouped, headings, type Group } from './groups'
import { LeadLink } from './LeadLink'
import { tasksQuery, type Task } from './queries'
import { TaskDialogs } from './TaskDialogs'
import { TaskRow } from './TaskRow'
import styles from './Tasks.module.css'
import type { TasksUrl } from './url'
import { useTaskKeys } from './useTaskKeys'

interface Props {
  search: TasksUrl
  onChange: (change: Partial<TasksUrl>) => void
}

export function TasksPage({ search, onChange }: Props) {
  const { user_id: me, role } = useSession()
  const canChange = atLeast(role, 'agent')
  const now = useNow()
  const open = useInfiniteQuery(tasksQuery({ ...search, state: 'open' }, me))
  const ahead = grouped(open.data?.pages.flatMap((page) => page.items).filter((task) => task.done_at == null) ?? [], now)
  const create = () => actOnTask({ kind: 'create' })
  useShortcuts(canChange ? [{ keys: 'shift+n', label: 'New task', group: 'Tasks', run: create }] : [])
  return (
    <Page title="Tasks" numbers={open.isSuccess ? numbersOf(ahead, open.hasNextPage) : []} actions={canChange && <Button look="primary" icon="plus" keys="shift+n" onClick={create}>New task</Button>}>
      <Bar search={search} onChange={onChange} />
      {search.state === 'done' ? <DoneTasks search={search} canChange={canChange} />
        : open.isPending ? <Skeleton rows={8} label="Loading the tasks" />
        : open.isError ? <ErrorState error={open.error} what="The tasks" onRetry={() => void open.refetch()} />
        : ahead.length === 0 ? <NoTasks search={search} canCreate={canChange} onChange={onChange} />
        : (
          <>
            <Ahead groups={ahead} canChange={canChange} />
            {open.hasNextPage && <Button look="plain" className={styles.more} disabled={open.isFetchingNextPage} onClick={() => void open.fetchNextPage()}>More</Button>}
          </>
        )}
      <TaskDialogs />
    </Page>
  )
}

function numbersOf(ahead: readonly [Group, Task[]][], isCut: boolean): KeyNumber[] {
  const of = (group: Group) => ahead.find(([one]) => one === group)?.[1].length ?? 0
  const all = ahead.reduce((sum, [, tasks]) => sum + tasks.length, 0)
  return [
    { label: 'Overdue', value: count(of('overdue')), hot: of('overdue') > 0 },
    { label: 'Today', value: count(of('today')) },
    { label: 'To do', value: `${count(all)}${isCut ? ' or more' : ''}` },
  ]
}

function Bar({ search: { state, assignee, lead }, onChange }: Props) {
  const people = usePeople()
  const whose = (id: string | undefined, label: string) => ({ label, checked: assignee === id, run: () => onChange({ assignee: id }) })
  return (
    <div className={styles.bar} role="search" aria-label="Filter the tasks">
      <Choice legend="Show" hideLegend value={state ?? 'open'} onChange={(value) => onChange({ state: value === 'open' ? undefined : value })} options={[['open', 'To do'], ['done', 'Done']]} />
      <Menu label={assignee === undefined ? 'Assigned to anyone' : `Assigned to ${assignee === 'me' ? 'me' : nameOf(assignee, people)}`} items={[whose(undefined, 'Anyone'), whose('me', 'Me'), ...people.filter(({ me }) => !me).map(({ id, name }) => whose(id, name))]} />
      {lead !== undefined && <span className={styles.only}>Only with <LeadLink id={lead} /> <Button look="plain" icon="close" onClick={() => onChange({ lead: undefined })}>Show all</Button></span>}
    </div>
  )
}

function Ahead({ groups, canChange }: { groups: readonly [Group, Task[]][]; canChange: boolean }) {
  const changes = useTaskChanges()
  const people = usePeople()
  const tasks = groups.flatMap(([, list]) => list)
  const { list, watch } = useTaskKeys(tasks, canChange ? changes : null)
  const isCalm = groups.every(([group]) => group !== 'overdue' && group !== 'today')
  return (
    <div ref={list} className={styles.groups} {...watch}>
      {isCalm && <Calm next={tasks[0]} />}
      {groups.map(([group, list]) => (
        <section key={group} className={styles.group} data-group={group} aria-label={headings[group]}>
          <h2>{headings[group]} <small>{count(list.length)}</small></h2>
          <ul>{list.map((task) => <TaskRow key={task.id} task={task} withLead who={nameOf(task.assignee, people)} canChange={canChange} changes={changes} />)}</ul>
        </section>
      ))}
    </div>
  )
}

/** Nothing has to be done today: says so, and what comes first. */
function Calm({ next }: { next: Task | undefined }) {
  const now = useNow()
  return (
    <div className={styles.calm}>
      <h2>Nothing is due today</h2>
      {next?.due_at != null && <p>The next is {planned(new Date(next.due_at), now)}: {next.title}.</p>}
    </div>
  )
}

function DoneTasks({ search, canChange }: { search: TasksUrl; canChange: boolean }) {
  const { user_id: me } = useSession()
  const changes = useTaskChanges()
  const people = usePeople()
  const { data, isPending, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(tasksQuery({ ...search, state: 'done' }, me))
  const tasks = data?.pages.flatMap((page) => page.items).filter((task) => task.done_at != null) ?? []
  const { list, watch } = useTaskKeys(tasks, canChange ? changes : null)
  if (isPending) return <Skeleton rows={8} label="Loading the tasks" />
  if (error !== null) return <ErrorState error={error} what="The tasks" onRetry={() => void refetch()} />
  if (tasks.length === 0) return <EmptyState title="Nothing is done yet">Each task that is ticked off stands here, the last first.</EmptyState>
  return (
    <div ref={list} {...watch}>
      <ul aria-label="Done">{tasks.map((task) => <TaskRow key={task.id} task={task} withLead who={nameOf(task.assignee, people)} canChange={canChange} changes={changes} />)}</ul>
      {hasNextPage && <Button look="plain" className={styles.more} disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>More</Button>}
    </div>
  )
}

function NoTasks({ search: { assignee, lead }, canCreate, onChange }: Props & { canCreate: boolean }) {
  const create = canCreate && <Button look="primary" icon="plus" onClick={() => actOnTask({ kind: 'create' })}>New task</Button>
  const all = (assignee !== undefined || lead !== undefined) && <Button onClick={() => onChange({ assignee: undefined, lead: undefined })}>Show everybody’s</Button>
  return <EmptyState title="Nothing is due" action={<>{create}{all}</>}>What somebody promised to do with a lead stands here, with the overdue first.</EmptyState>
}
