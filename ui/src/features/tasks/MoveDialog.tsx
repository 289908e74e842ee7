// Gives a task another time.
import { WhenDialog } from '~/components/WhenDialog'
import { doneWithTask } from './action'
import { useTaskChanges } from './changes'
import type { Task } from './queries'

export default function MoveDialog({ task }: { task: Task }) {
  const { move } = useTaskChanges()
  const choose = (at: Date | null) => {
    doneWithTask()
    move(task, at)
  }
  return <WhenDialog title="Move the task" note={task.title} verb="Move" value={task.due_at == null ? null : new Date(task.due_at)} never={task.due_at == null ? undefined : 'At no certain time'} onChoose={choose} onClose={doneWithTask} />
}
