// Sets up a market.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { SubmitEvent } from 'react'
import { api, take, type Schema } from '~/api/client'
import { fieldMessages } from '~/api/errors'
import { key } from '~/api/keys'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, TextField } from '~/components/Field'
import { Refusal } from '~/components/Refusal'
import { textOf } from '~/format/forms'

export function NewMarket({ onClose, onDone }: { onClose: () => void; onDone: (id: string) => void }) {
  const client = useQueryClient()
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Schema<'MarketIn'>) => take(api.POST('/api/v1/markets', { body })),
    onSuccess: async (market) => {
      await client.invalidateQueries({ queryKey: key('markets') })
      onDone(market.id)
    },
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    mutate({ slug: textOf(values, 'slug'), name: textOf(values, 'name') || null, currency: textOf(values, 'currency').toUpperCase() || null })
  }
  const problems = fieldMessages(error)
  return (
    <Dialog title="New market" onClose={onClose} foot={<Button type="submit" form="new-market" look="primary" disabled={isPending}>Set up the market</Button>}>
      <form id="new-market" className={formClass} onSubmit={submit}>
        <Refusal error={error} what="The market" />
        <TextField label="Name in addresses" name="slug" required maxLength={64} pattern="[a-z0-9][a-z0-9_\-]*" autoCapitalize="none" spellCheck={false} autoComplete="off" problem={problems.slug} hint="Small letters, digits, - and _, such as king-county. Files name the market by it." />
        <TextField label="Name" name="name" maxLength={200} autoComplete="off" problem={problems.name} hint="For people; the one above when empty." />
        <TextField label="Currency" name="currency" maxLength={3} placeholder="USD" autoComplete="off" problem={problems.currency} hint="Three letters." />
      </form>
    </Dialog>
  )
}
