// The dialogs of a lead, wherever they were asked for.
import { lazy, Suspense } from 'react'
import { useStore } from '~/state/store'
import { action } from './action'

const CallDialog = lazy(() => import('./dialogs/CallDialog'))
const AssignDialog = lazy(() => import('./dialogs/AssignDialog'))
const SnoozeDialog = lazy(() => import('./dialogs/SnoozeDialog'))
const LabelDialog = lazy(() => import('./dialogs/LabelDialog'))
const EraseDialog = lazy(() => import('./dialogs/EraseDialog'))
const MergeDialog = lazy(() => import('./dialogs/MergeDialog'))
const NewLeadDialog = lazy(() => import('./dialogs/NewLeadDialog'))
const ActionSheet = lazy(() => import('./dialogs/ActionSheet'))

export function LeadDialogs() {
  const open = useStore(action)
  if (open === null) return null
  return (
    <Suspense>
      {open.kind === 'call' && <CallDialog lead={open.lead} />}
      {open.kind === 'assign' && <AssignDialog leads={open.leads} />}
      {open.kind === 'snooze' && <SnoozeDialog leads={open.leads} />}
      {(open.kind === 'stage' || open.kind === 'tag') && <LabelDialog what={open.kind} leads={open.leads} />}
      {open.kind === 'erase' && <EraseDialog lead={open.lead} />}
      {open.kind === 'merge' && <MergeDialog lead={open.lead} />}
      {open.kind === 'create' && <NewLeadDialog />}
      {open.kind === 'menu' && <ActionSheet lead={open.lead} selected={open.selected} onSelect={open.onSelect} />}
    </Suspense>
  )
}
