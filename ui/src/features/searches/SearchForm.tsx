// A new saved search.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, take, type Schema } from '~/api/client'
import { fieldMessages } from '~/api/errors'
import { key } from '~/api/keys'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, SelectField, TextField } from '~/components/Field'
import { toast } from '~/state/toasts'
import { createSearch, type NewSearch } from './queries'
import styles from './Searches.module.css'

type Values = Record<'name' | 'market' | 'least' | 'most' | 'bedrooms' | 'bathrooms' | 'types' | 'text', string>

/** The form as the server wants it; what was left blank does not matter. */
export function searchIn(values: Values, lead: string | undefined): NewSearch {
  const number = (text: string) => {
    const plain = text.replaceAll(/[$,\s]/g, '')
    return plain === '' || !Number.isFinite(Number(plain)) ? undefined : Number(plain)
  }
  const [min, max, bedrooms, bathrooms] = [number(values.least), number(values.most), number(values.bedrooms), number(values.bathrooms)]
  const types = values.types.split(',').map((type) => type.trim()).filter((type) => type !== '')
  const filters: Schema<'ListingFilter'> = {}
  if (min !== undefined || max !== undefined) filters.price = { min, max }
  if (bedrooms !== undefined) filters.bedrooms = { min: bedrooms }
  if (bathrooms !== undefined) filters.bathrooms = { min: bathrooms }
  if (types.length > 0) filters.property_types = types
  if (values.text.trim() !== '') filters.text = values.text.trim()
  return { name: values.name.trim(), market: values.market, lead_id: lead, filters }
}

export function SearchForm({ lead, onClose }: { lead: string | undefined; onClose: () => void }) {
  const client = useQueryClient()
  const markets = useQuery({ queryKey: key('markets', 'list'), queryFn: ({ signal }) => take(api.GET('/api/v1/markets', { signal })) }).data?.items ?? []
  const [values, setValues] = useState<Values>({ name: '', market: '', least: '', most: '', bedrooms: '', bathrooms: '', types: '', text: '' })
  const market = values.market || (markets[0]?.slug ?? '')
  const save = useMutation({
    mutationFn: () => createSearch(client, searchIn({ ...values, market }, lead)),
    onSuccess() {
      toast('Search saved')
      onClose()
    },
  })
  const problems = fieldMessages(save.error)
  const bind = (name: keyof Values, pointer: string = name) => ({ value: values[name], problem: problems[pointer], autoComplete: 'off', onChange: (event: { target: { value: string } }) => setValues((all) => ({ ...all, [name]: event.target.value })) })
  return (
    <Dialog title="New saved search" width={560} onClose={onClose}>
      <form className={formClass} onSubmit={(event) => { event.preventDefault(); save.mutate() }}>
        <TextField label="Name" maxLength={200} placeholder="Family homes near the park" {...bind('name')} />
        <div className={styles.two}>
          <SelectField label="Market" {...bind('market')} value={market}>
            {markets.map(({ slug, name }) => <option key={slug} value={slug}>{name}</option>)}
          </SelectField>
          <TextField label="Types" hint="With commas between" {...bind('types', 'filters/property_types')} />
          <TextField label="Price from" inputMode="numeric" {...bind('least', 'filters/price/min')} />
          <TextField label="Price up to" inputMode="numeric" {...bind('most', 'filters/price/max')} problem={problems['filters/price/max'] ?? problems['filters/price']} />
          <TextField label="Bedrooms, at least" inputMode="numeric" {...bind('bedrooms', 'filters/bedrooms')} />
          <TextField label="Bathrooms, at least" inputMode="numeric" {...bind('bathrooms', 'filters/bathrooms')} />
        </div>
        <TextField label="Words in address or remarks" maxLength={500} {...bind('text', 'filters/text')} />
        {save.isError && Object.keys(problems).length === 0 && <p role="alert" className={styles.problem}>{save.error.message}</p>}
        <div className={styles.foot}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={values.name.trim() === '' || market === '' || save.isPending}>Save the search</Button>
        </div>
      </form>
    </Dialog>
  )
}
