// Sets up an experiment.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { api, take, type Schema } from '~/api/client'
import { fieldMessages } from '~/api/errors'
import { key } from '~/api/keys'
import { Button, IconButton } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, TextField } from '~/components/Field'
import { Refusal } from '~/components/Refusal'
import { textOf } from '~/format/forms'
import { toast } from '~/state/toasts'
import styles from './Admin.module.css'

const MOST = 10

interface Props {
  onClose: () => void
  onDone: (id: string) => void
}

export function NewExperiment({ onClose, onDone }: Props) {
  const client = useQueryClient()
  // The numbers are only names of rows; what is typed stays in the fields.
  const [rows, setRows] = useState<readonly number[]>([1, 2])
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Schema<'ExperimentIn'>) => take(api.POST('/api/v1/experiments', { body })),
    onSuccess: async ({ id, name }) => {
      onClose()
      toast(`${name} is running`)
      onDone(id)
      await client.invalidateQueries({ queryKey: key('admin', 'experiments') })
    },
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    mutate({ name: textOf(values, 'name'), variants: rows.map((row) => ({ name: textOf(values, `variant-${row}`), weight: Number(textOf(values, `weight-${row}`)) })) })
  }
  return (
    <Dialog title="New experiment" onClose={onClose} foot={<><Button onClick={onClose}>Cancel</Button><Button type="submit" form="new-experiment" look="primary" disabled={isPending}>Start the experiment</Button></>}>
      <form id="new-experiment" className={formClass} onSubmit={submit}>
        <Refusal error={error} what="The experiment" />
        <TextField label="Name" name="name" required maxLength={200} autoComplete="off" problem={fieldMessages(error).name} />
        {rows.map((row, at) => (
          <div key={row} className={styles.variant}>
            <TextField label={at === 0 ? 'Control' : `Variant ${at}`} name={`variant-${row}`} required maxLength={100} autoComplete="off" defaultValue={at === 0 ? 'as it is' : ''} />
            <TextField label="Weight" name={`weight-${row}`} type="number" min={1} max={1000} required defaultValue={1} />
            {at > 1 ? <IconButton icon="remove" label={`Leave out variant ${at}`} onClick={() => setRows(rows.filter((one) => one !== row))} /> : <span />}
          </div>
        ))}
        {rows.length < MOST && <div><Button icon="plus" onClick={() => setRows([...rows, Math.max(...rows) + 1])}>Another variant</Button></div>}
      </form>
    </Dialog>
  )
}
