// One lead: what to do next, why it has its score, which homes fit, what happened, what is known.
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect } from 'react'
import { Button } from '~/components/Button'
import { Later } from '~/components/Later'
import { Menu } from '~/components/Menu'
import { ErrorState, Skeleton } from '~/components/states'
import { Tabs } from '~/components/Tabs'
import { Time } from '~/components/Time'
import { leadName } from '~/format/words'
import { useShortcuts } from '~/keyboard/registry'
import { LeadTasks } from '~/features/tasks/LeadTasks'
import { Page, type KeyNumber } from '~/shell/Page'
import { useNarrow } from '~/state/media'
import { atLeast, useSession } from '~/state/session'
import { useStore } from '~/state/store'
import { act } from './action'
import { LeadDialogs } from './LeadDialogs'
import { Lookers } from './Lookers'
import { Facts } from './Facts'
import styles from './Lead.module.css'
import { Matches } from './Matches'
import { MergedLead } from './MergedLead'
import { NextStepCard } from './NextStepCard'
import { nameOf, usePeople } from './people'
import { leadQuery, type Lead } from './queries'
import { isTask, useFinishStep } from './finish'
import { askNote, noteAsked } from './note'
import { NoteField } from './NoteField'
import { ScorePanel } from './ScorePanel'
import { Signals } from './Signals'
import { Timeline } from './Timeline'
import { doings, type Doing, type LeadUrl, type Tab } from './url'

// What few visits need comes when it is asked for.
const Consent = lazy(() => import('./Consent'))

interface Props {
  id: string
  search: LeadUrl
  onChange: (change: Partial<LeadUrl>) => void
}

export function LeadPage({ id, search, onChange }: Props) {
  const { data: lead, isPending, error, refetch } = useQuery(leadQuery(id))
  if (isPending) return <Page title="Lead"><Skeleton rows={10} label="Loading the lead" /></Page>
  if (error !== null) return <Page title="Lead"><ErrorState error={error} what="The lead" onRetry={() => void refetch()} /></Page>
  if (lead.merged_into != null) return <MergedLead lead={lead} into={lead.merged_into} />
  return <Loaded lead={lead} search={search} onChange={onChange} />
}

function Loaded({ lead, search, onChange }: { lead: Lead } & Omit<Props, 'id'>) {
  const canChange = atLeast(useSession().role, 'agent')
  const narrow = useNarrow()
  useLeadKeys(lead, canChange)
  return (
    <Page title={leadName(lead)} numbers={useNumbers(lead)} beside={<Lookers topic={`lead:${lead.id}`} />} actions={canChange && !narrow && <LeadActions lead={lead} />}>
      <div className={styles.columns}>
        <div className={styles.main}>
          <NextStepCard lead={lead} brief={narrow} />
          <div className={styles.pair}>
            <LeadTasks lead={lead} />
            <Signals id={lead.id} />
          </div>
          <ScorePanel key={lead.id} lead={lead} ago={search.ago} onAgo={(ago) => onChange({ ago })} course={search.course === true} onCourse={(course) => onChange({ course: course ? true : undefined })} />
          <Matches id={lead.id} market={lead.market} />
          <Later><Parts lead={lead} search={search} onChange={onChange} narrow={narrow} /></Later>
        </div>
        {!narrow && <aside className={styles.aside} aria-label="What is known"><Facts lead={lead} /></aside>}
      </div>
      {canChange && narrow && <ActionBar lead={lead} />}
      <LeadDialogs />
    </Page>
  )
}

function Parts({ lead, search: { tab = 'timeline', only }, onChange, narrow }: { lead: Lead; narrow: boolean } & Omit<Props, 'id'>) {
  const options: [Tab, string][] = [['timeline', 'Timeline'], ['consent', 'Consent']]
  if (narrow) options.push(['facts', 'Facts'])
  const canWrite = atLeast(useSession().role, 'agent')
  const shown = options.some(([option]) => option === tab) ? tab : 'timeline'
  const asked = useStore(noteAsked)
  useEffect(() => {
    if (asked && shown !== 'timeline') onChange({ tab: undefined })
  }, [asked, shown, onChange])
  return (
    <Tabs label="About the lead" value={shown} options={options} onChange={(next) => onChange({ tab: next === 'timeline' ? undefined : next })}>
      {shown === 'timeline' && <>{canWrite && <NoteField key={lead.id} id={lead.id} />}<Filter only={only} onChange={onChange} /><Timeline id={lead.id} limit={50} only={only ?? []} merges /></>}
      {shown === 'consent' && <Suspense><Consent id={lead.id} /></Suspense>}
      {shown === 'facts' && <Facts lead={lead} />}
    </Tabs>
  )
}

const labels: Record<Doing, string> = { messages: 'Messages', calls: 'Calls', homes: 'Homes', visits: 'Visits', notes: 'Notes' }

function Filter({ only = [], onChange }: { only?: readonly Doing[]; onChange: Props['onChange'] }) {
  const toggle = (doing: Doing) => {
    const next = doings.filter((one) => (one === doing) !== only.includes(one))
    onChange({ only: next.length === 0 ? undefined : next })
  }
  return (
    <div className={styles.filter} role="group" aria-label="Only">
      {doings.map((doing) => <Button key={doing} aria-pressed={only.includes(doing)} onClick={() => toggle(doing)}>{labels[doing]}</Button>)}
    </div>
  )
}

function useNumbers(lead: Lead): KeyNumber[] {
  const people = usePeople()
  return [
    { label: 'Last seen', value: lead.last_interaction_at == null ? 'never' : <Time at={lead.last_interaction_at} /> },
    { label: 'Assigned to', value: nameOf(lead.assignee, people) },
    { label: 'Known since', value: <Time at={lead.created_at} /> },
  ]
}

function useLeadKeys(lead: Lead, canChange: boolean): void {
  const finish = useFinishStep()
  useShortcuts(canChange ? [
    ...(isTask(lead) ? [{ keys: 'd', label: 'Done: the task that is next', group: 'Lead', run: () => finish(lead) }] : []),
    { keys: 'c', label: 'Log a call', group: 'Lead', run: () => act({ kind: 'call', lead }) },
    { keys: 's', label: 'Snooze', group: 'Lead', run: () => act({ kind: 'snooze', leads: [lead] }) },
    { keys: 'n', label: 'Write a note', group: 'Lead', run: askNote },
    { keys: 'a', label: 'Assign', group: 'Lead', run: () => act({ kind: 'assign', leads: [lead] }) },
    { keys: 'm', label: 'Merge with another lead', group: 'Lead', run: () => act({ kind: 'merge', lead }) },
  ] : [])
}

function LeadActions({ lead }: { lead: Lead }) {
  return (
    <Menu
      label="More actions" icon="more"
      items={[
        { label: 'Log a call', icon: 'phone', keys: 'c', run: () => act({ kind: 'call', lead }) },
        { label: 'Write a note', icon: 'note', keys: 'n', run: askNote },
        { label: 'Snooze', icon: 'clock', keys: 's', run: () => act({ kind: 'snooze', leads: [lead] }) },
        { label: 'Assign', icon: 'people', keys: 'a', run: () => act({ kind: 'assign', leads: [lead] }) },
        { label: 'Merge with…', icon: 'flow', keys: 'm', run: () => act({ kind: 'merge', lead }) },
        { label: 'Erase the person', icon: 'remove', danger: true, run: () => act({ kind: 'erase', lead }) },
      ]}
    />
  )
}

/** On a phone: what is done most, in reach of the thumb. */
function ActionBar({ lead }: { lead: Lead }) {
  return (
    <div className={styles.bar} data-foot role="toolbar" aria-label="Actions">
      {lead.phone != null && <a className={styles.call} href={`tel:${lead.phone}`}>Call</a>}
      {lead.email != null && <a className={styles.call} href={`mailto:${lead.email}`}>Write</a>}
      <Button icon="check" onClick={() => act({ kind: 'call', lead })}>Log a call</Button>
      <LeadActions lead={lead} />
    </div>
  )
}
