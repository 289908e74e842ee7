// A time as people say it, with the exact one behind it.
import { ago, exact } from '~/format/time'
import { useNow } from '~/state/now'

/** `2 min`, with the exact time as title. `style="exact"` shows the exact time itself. */
export function Time({ at, style = 'ago' }: { at: string | number | Date; style?: 'ago' | 'exact' }) {
  const now = useNow()
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return null
  return (
    <time dateTime={date.toISOString()} title={exact(date)}>
      {style === 'exact' ? exact(date) : ago(date, now)}
    </time>
  )
}
