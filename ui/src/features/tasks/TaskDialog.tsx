// A task that is written down or changed: what, with whom, by when, by whom.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { fieldMessages } from '~/api/errors'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, SelectField, TextField } from '~/components/Field'
import { Refusal } from '~/components/Refusal'
import { nameOf, usePeople } from '~/features/leads/people'
import { read, soon, written } from '~/format/soon'
import { useNow } from '~/state/now'
import { toast } from '~/state/toasts'
import { doneWithTask } from './action'
import { createTask, editTask } from './changes'
import { LeadField, type Chosen } from './LeadField'
import type { Task } from './queries'
import styles from './TaskDialog.module.css'

export default function TaskDialog({ task, lead }: { task?: Task; lead?: Chosen }) {
  const client = useQueryClient()
  const people = usePeople()
  const [title, setTitle] = useState(task?.title ?? '')
  const [chosen, setChosen] = useState<Chosen | null>(lead ?? (task === undefined ? null : { id: task.lead_id, name: task.lead_name ?? 'No name' }))
  const [due, setDue] = useState(task?.due_at == null ? '' : written(new Date(task.due_at)))
  // Whoever is chosen; unsaid, the lead's agent does it.
  const [assignee, setAssignee] = useState(task?.assignee ?? '')
  const save = useMutation({
    mutationFn: async () => {
      const due_at = read(due)?.toISOString() ?? null
      if (task !== undefined) return editTask(client, task, { title: title.trim(), due_at, assignee: assignee === '' ? null : assignee })
      if (chosen === null) throw new Error('A task is always with a lead: choose one.')
      return createTask(client, chosen.id, { title: title.trim(), due_at, assignee: assignee === '' ? undefined : assignee })
    },
    onSuccess() {
      toast(task === undefined ? 'Task added' : 'Task changed')
      doneWithTask()
    },
  })
  const problems = fieldMessages(save.error)
  const isKnown = assignee === '' || people.some(({ id }) => id === assignee)
  return (
    <Dialog title={task === undefined ? 'New task' : 'Change the task'} width={480} onClose={doneWithTask}>
      <form className={formClass} onSubmit={(event) => { event.preventDefault(); save.mutate() }}>
        <TextField label="What is to be done" placeholder="Call about the showing" value={title} maxLength={500} autoComplete="off" problem={problems.title} onChange={(event) => setTitle(event.target.value)} />
        {task === undefined && lead === undefined ? <LeadField value={chosen} onChange={setChosen} /> : <p className={styles.with}>With <b>{chosen?.name}</b></p>}
        <div className={styles.due}>
          <TextField label="By when" type="datetime-local" value={due} problem={problems.due_at} onChange={(event) => setDue(event.target.value)} />
          <Times value={due} onChange={setDue} />
        </div>
        <SelectField label="Who does it" value={assignee} problem={problems.assignee} onChange={(event) => setAssignee(event.target.value)}>
          <option value="">{task === undefined ? 'The agent of the lead, else me' : 'Nobody'}</option>
          {people.map(({ id, name, me }) => <option key={id} value={id}>{me ? 'Me' : name}</option>)}
          {!isKnown && <option value={assignee}>{nameOf(assignee, people)}</option>}
        </SelectField>
        {Object.keys(problems).length === 0 && <Refusal error={save.error} what="The task" />}
        <div className={styles.foot}>
          <Button onClick={doneWithTask}>Cancel</Button>
          <Button type="submit" look="primary" disabled={title.trim() === '' || chosen === null || save.isPending}>{task === undefined ? 'Add the task' : 'Save the task'}</Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Times that are chosen most, so that nobody has to type them. */
function Times({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const now = useNow()
  return (
    <div className={styles.times} role="group" aria-label="Times that are chosen most">
      {soon(now).map(({ label, at }) => {
        const text = written(at)
        return <button key={label} type="button" aria-pressed={text === value} onClick={() => onChange(text === value ? '' : text)}>{label}</button>
      })}
    </div>
  )
}
