// A call that was made: whether it was answered, and what was said.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { Dialog } from '~/components/Dialog'
import { formClass, TextArea } from '~/components/Field'
import { leadName } from '~/format/words'
import { toast } from '~/state/toasts'
import { done } from '../action'
import { reason, record } from '../changes'
import type { Lead } from '../queries'

type Outcome = 'call_answered' | 'call_missed'

export default function CallDialog({ lead }: { lead: Lead }) {
  const client = useQueryClient()
  const [outcome, setOutcome] = useState<Outcome>('call_answered')
  const [text, setText] = useState('')
  const log = useMutation({
    mutationFn: () => record(client, lead.id, outcome, text),
    onSuccess() {
      toast(`Call with ${leadName(lead)} logged`)
      done()
    },
  })
  return (
    <Dialog title={`Log a call with ${leadName(lead)}`} width={480} onClose={done}>
      <form className={formClass} id="call" onSubmit={(event) => { event.preventDefault(); log.mutate() }}>
        {lead.phone != null && <p>Number on file: <a href={`tel:${lead.phone}`}>{lead.phone}</a></p>}
        <Choice legend="How it went" value={outcome} onChange={setOutcome} options={[['call_answered', 'Answered'], ['call_missed', 'Not answered']]} />
        <TextArea label="What was said" hint="Optional. It stands in the timeline." value={text} maxLength={10_000} onChange={(event) => setText(event.target.value)} problem={log.isError ? reason(log.error) : undefined} />
        <div>
          <Button type="submit" look="primary" disabled={log.isPending}>Log the call</Button>
        </div>
      </form>
    </Dialog>
  )
}
