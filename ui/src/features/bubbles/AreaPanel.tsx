// One area: every number that is bound, with how many homes it is of, and the way to them.
import { Link } from '@tanstack/react-router'
import { buttonClass, IconButton } from '~/components/Button'
import { plural } from '~/format/numbers'
import { homesOf, LEAST, type Area } from './areas'
import styles from './Bubbles.module.css'
import { metricOf, write, type MetricId } from './metrics'

interface Props {
  market: string
  area: Area
  /** Where it is. */
  title: string
  ids: readonly MetricId[]
  currency: string
  onClose: () => void
}

export function AreaPanel({ market, area, title, ids, currency, onClose }: Props) {
  const bbox = area.bbox.join(',')
  return (
    <section className={styles.area} aria-label={title}>
      <div className={styles.head}>
        <h2>{title}</h2>
        <IconButton icon="close" label="Close the area" keys="esc" onClick={onClose} />
      </div>
      <dl className={styles.facts}>
        {ids.map((id) => (
          <div key={id}>
            <dt>{metricOf(id).label}</dt>
            <dd>{valueWords(area, id, currency)}{isOfHomes(area, id) ? <small> of {plural(homesOf(area, id), 'home')}</small> : isTooFew(area, id) && <small> to tell: {plural(homesOf(area, id), 'home')} of at least {LEAST}</small>}</dd>
          </div>
        ))}
      </dl>
      <div className={styles.links}>
        <Link to="/homes" search={{ market, bbox }} className={buttonClass()}>Homes for sale</Link>
        <Link to="/homes" search={{ market, bbox, status: ['closed'] }} className={buttonClass()}>Homes sold</Link>
      </div>
    </section>
  )
}

/** Whether a value is one of several homes, and how many they are is to be told with it. */
export function isOfHomes(area: Area, id: MetricId): boolean {
  return metricOf(id).asked !== 'count' && area.values[id] !== undefined
}

/** Whether there are homes, but a value of them would be that of one or two. */
function isTooFew(area: Area, id: MetricId): boolean {
  const n = homesOf(area, id)
  return metricOf(id).asked !== 'count' && n > 0 && n < LEAST
}

/** The value, or why there is none. */
export function valueWords(area: Area, id: MetricId, currency: string): string {
  const value = area.values[id]
  if (value !== undefined) return write(id, value, currency)
  if (metricOf(id).asked === 'count') return '0'
  return isTooFew(area, id) ? 'too few' : homesOf(area, id) === 0 ? 'none' : 'not known'
}
