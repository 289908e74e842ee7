// Erases a person with everything known about them, after the name was typed.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, TextField } from '~/components/Field'
import { leadName } from '~/format/words'
import { toast } from '~/state/toasts'
import { done } from '../action'
import { eraseLead, reason } from '../changes'
import type { Lead } from '../queries'

export default function EraseDialog({ lead }: { lead: Lead }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const name = leadName(lead)
  const [typed, setTyped] = useState('')
  const erase = useMutation({
    mutationFn: async () => {
      await navigate({ to: '/', replace: true })
      await eraseLead(client, lead.id)
    },
    onSuccess() {
      toast(`${name} was erased`)
      done()
    },
  })
  return (
    <Dialog title={`Erase ${name}`} width={480} onClose={done}>
      <form className={formClass} onSubmit={(event) => { event.preventDefault(); erase.mutate() }}>
        <p>Name, contact, wishes, timeline, scores and consent of this person are removed for good. This cannot be undone.</p>
        <TextField label={`Type ${name} to confirm`} value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} problem={erase.isError ? reason(erase.error) : undefined} />
        <div><Button type="submit" look="danger" disabled={typed.trim() !== name || erase.isPending}>Erase for good</Button></div>
      </form>
    </Dialog>
  )
}
