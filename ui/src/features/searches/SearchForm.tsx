// A saved search that is made or changed.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { fieldMessages } from '~/api/errors'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, SelectField, TextField } from '~/components/Field'
import { Refusal } from '~/components/Refusal'
import { marketsQuery, type Lead } from '~/features/leads/queries'
import { leadName } from '~/format/words'
import { toast } from '~/state/toasts'
import { blank, filtersIn, searchIn, valuesOf, wishesOf, type Values } from './form'
import { createSearch, patchSearch, type SavedSearch } from './queries'
import styles from './Searches.module.css'
import { cadences } from './words'

interface Props {
  /** The one that is changed; a new one when absent. */
  search?: SavedSearch
  /** For whom a new one is; it begins with what they look for. */
  lead?: Lead
  /** What was made or changed; not called when the form was left. */
  onDone?: (search: SavedSearch) => void
  onClose: () => void
}

export default function SearchForm({ search, lead, onDone, onClose }: Props) {
  const client = useQueryClient()
  const markets = useQuery(marketsQuery).data?.items ?? []
  const [values, setValues] = useState<Values>(search !== undefined ? valuesOf(search) : lead !== undefined ? wishesOf(lead) : blank)
  const market = values.market || (markets[0]?.slug ?? '')
  const save = useMutation({
    mutationFn: () => {
      if (search === undefined) return createSearch(client, searchIn({ ...values, market }, lead?.id))
      return patchSearch(client, search, { name: values.name.trim(), filters: filtersIn(values, search.filters), cadence: values.cadence })
    },
    onSuccess(made) {
      toast(search === undefined ? 'Search saved' : 'Search changed')
      onClose()
      onDone?.(made)
    },
  })
  const problems = fieldMessages(save.error)
  const bind = (name: keyof Values, pointer: string = name) => ({ value: values[name], problem: problems[pointer], autoComplete: 'off', onChange: (event: { target: { value: string } }) => setValues((all) => ({ ...all, [name]: event.target.value })) })
  return (
    <Dialog title={search !== undefined ? 'Change the search' : lead === undefined ? 'New saved search' : `New search for ${leadName(lead)}`} width={560} onClose={onClose}>
      <form className={formClass} onSubmit={(event) => { event.preventDefault(); save.mutate() }}>
        <TextField label="Name" maxLength={200} placeholder="Family homes near the park" {...bind('name')} />
        <div className={styles.two}>
          <SelectField label="Market" disabled={search !== undefined} {...bind('market')} value={market}>
            {markets.map(({ slug, name }) => <option key={slug} value={slug}>{name}</option>)}
          </SelectField>
          <TextField label="Types" hint="With commas between" {...bind('types', 'filters/property_types')} />
          <TextField label="Price from" inputMode="numeric" {...bind('least', 'filters/price/min')} />
          <TextField label="Price up to" inputMode="numeric" {...bind('most', 'filters/price/max')} problem={problems['filters/price/max'] ?? problems['filters/price']} />
          <TextField label="Bedrooms, at least" inputMode="numeric" {...bind('bedrooms', 'filters/bedrooms')} />
          <TextField label="Bathrooms, at least" inputMode="numeric" {...bind('bathrooms', 'filters/bathrooms')} />
          <TextField label="Words in address or remarks" maxLength={500} {...bind('text', 'filters/text')} />
          <SelectField label="Tell of what it finds" {...bind('cadence')}>
            {cadences.map(([cadence, words]) => <option key={cadence} value={cadence}>{words}</option>)}
          </SelectField>
        </div>
        {Object.keys(problems).length === 0 && <Refusal error={save.error} what="The search" />}
        <div className={styles.foot}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={values.name.trim() === '' || market === '' || save.isPending}>Save the search</Button>
        </div>
      </form>
    </Dialog>
  )
}
