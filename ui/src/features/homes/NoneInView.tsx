// Nothing fits: says which condition stands in the way most, and how many homes there would be without it.
import { useQueries } from '@tanstack/react-query'
import { Button } from '~/components/Button'
import { EmptyState } from '~/components/states'
import { plural } from '~/format/numbers'
import { conditionsOf } from './filters'
import styles from './List.module.css'
import { countQuery } from './queries'
import type { HomesUrl } from './url'

interface Props {
  market: string
  search: HomesUrl
  onChange: (change: Partial<HomesUrl>) => void
  /** Shows the whole market. */
  onEverywhere: () => void
}

export default function NoneInView({ market, search, onChange, onEverywhere }: Props) {
  const conditions = conditionsOf(search)
  const elsewhere: HomesUrl = { ...search, bbox: undefined, in: undefined }
  const counts = useQueries({
    queries: [countQuery(market, elsewhere), ...conditions.map(({ name }) => countQuery(market, { ...search, [name]: undefined }))],
  })
  const [all, ...without] = counts
  const reliefs = conditions.map((condition, index) => ({ ...condition, total: without[index]?.data ?? 0 })).filter(({ total }) => total > 0).sort((a, b) => b.total - a.total)
  const hasView = search.bbox !== undefined || search.in !== undefined
  const text = conditions.length === 0 ? 'There are none in this part of the map.' : 'Nothing here meets every condition.'
  return (
    <EmptyState
      title="No home fits here"
      action={
        <div className={styles.relax}>
          {reliefs.map(({ name, words, total }) => (
            <Button key={name} onClick={() => onChange({ [name]: undefined })}>Without “{words}”: {plural(total, 'home')}</Button>
          ))}
          {hasView && (all?.data ?? 0) > 0 && <Button onClick={onEverywhere}>Elsewhere in the market: {plural(all?.data ?? 0, 'home')}</Button>}
        </div>
      }
    >
      {text}
    </EmptyState>
  )
}
