// The dialogs of tasks, wherever they were asked for.
import { lazy, Suspense } from 'react'
import { useStore } from '~/state/store'
import { taskAction } from './action'

const TaskDialog = lazy(() => import('./TaskDialog'))
const MoveDialog = lazy(() => import('./MoveDialog'))

export function TaskDialogs() {
  const open = useStore(taskAction)
  if (open === null) return null
  return (
    <Suspense>
      {open.kind === 'create' && <TaskDialog lead={open.lead} />}
      {open.kind === 'edit' && <TaskDialog task={open.task} />}
      {open.kind === 'move' && <MoveDialog task={open.task} />}
    </Suspense>
  )
}
