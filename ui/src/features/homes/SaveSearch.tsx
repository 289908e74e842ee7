// Keeps the search under a name, with what it would find now.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, take, type Schema } from '~/api/client'
import { fieldMessages, tell } from '~/api/errors'
import { key } from '~/api/keys'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { Dialog } from '~/components/Dialog'
import { formClass, TextField } from '~/components/Field'
import { cadences } from '~/features/searches/words'
import { plural } from '~/format/numbers'
import { toast } from '~/state/toasts'
import { areaOfRings, conditionsOf, filterOf, viewOf } from './filters'
import styles from './Filters.module.css'
import { countQuery } from './queries'
import { areasOf, type HomesUrl } from './url'
import { ringOf } from '~/map/geometry'

interface Props {
  market: string
  search: HomesUrl
  onClose: () => void
}

export default function SaveSearch({ market, search, onClose }: Props) {
  const client = useQueryClient()
  const conditions = conditionsOf(search)
  const [name, setName] = useState(conditions.map(({ words }) => words).join(', ').slice(0, 80))
  const view = viewOf(search)
  const canHold = view !== null && view !== 'nowhere' && search.poly === undefined
  const [held, setHeld] = useState(canHold)
  const [cadence, setCadence] = useState<Schema<'Cadence'>>('instant')
  const kept: HomesUrl = canHold && held ? search : { ...search, bbox: undefined, in: undefined }
  const found = useQuery(countQuery(market, kept))
  const save = useMutation({
    mutationFn: () => {
      const rings = canHold && held ? [ringOf(view)] : areasOf(search)
      const body: Schema<'SavedSearchIn'> = { name: name.trim(), market, filters: { ...filterOf(search), polygon: areaOfRings(rings) }, cadence }
      return take(api.POST('/api/v1/saved-searches', { body }))
    },
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: key('searches') })
      const undo = () => void take(api.DELETE('/api/v1/saved-searches/{id}', { params: { path: { id } } })).then(() => client.invalidateQueries({ queryKey: key('searches') }))
      toast('Search saved', { undo })
      onClose()
    },
  })
  const problems = fieldMessages(save.error)
  const other = save.error !== null && problems.name === undefined ? tell(save.error, 'The search').text : undefined
  return (
    <Dialog title="Save this search" onClose={onClose} foot={
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" form="save-search" disabled={save.isPending || name.trim() === ''}>Save the search</Button>
      </>
    }>
      <form id="save-search" className={formClass} onSubmit={(event) => { event.preventDefault(); save.mutate() }}>
        <TextField label="Name" value={name} maxLength={200} required onChange={(event) => setName(event.target.value)} problem={problems.name ?? other} />
        {canHold && (
          <label className={styles.check}>
            <input type="checkbox" checked={held} onChange={(event) => setHeld(event.target.checked)} />
            Only in the part of the map that is in view
          </label>
        )}
        <Choice legend="Tell of what it finds" value={cadence} options={cadences} onChange={setCadence} />
        <p className={styles.preview}>
          {conditions.length === 0 ? 'Every active home' : conditions.map(({ words }) => words).join('; ')}.{' '}
          <b>{found.data === undefined ? 'Counting' : `${plural(found.data, 'home')} now`}</b>
        </p>
      </form>
    </Dialog>
  )
}
