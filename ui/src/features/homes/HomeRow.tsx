// One home of the list: what it costs, what it is, where it is.
import { Link } from '@tanstack/react-router'
import { Chip } from '~/components/Tier'
import { Heart, Hide } from './MarkButtons'
import type { Mark, Marking } from './marks'
import type { Home } from './home'
import styles from './List.module.css'
import { MOST_COMPARED } from './url'
import { daysWords, factsOf, lineOf, priceWords, statusWords, townOf } from './words'

interface Props {
  home: Home
  current: boolean
  selected: boolean
  hovered: boolean
  /** All that are chosen for comparison. */
  chosen: readonly string[]
  mark: Mark | null
  onHover: (id: string | null) => void
  onSelect: (id: string) => void
  onPick: (id: string) => void
  onMark: Marking
}

const LOOKS: Partial<Record<Home['status'], 'ok' | 'warm' | 'cool'>> = { active_under_contract: 'warm', pending: 'warm', coming_soon: 'cool', closed: 'ok' }

export function HomeRow({ home, current, selected, hovered, chosen, mark, onHover, onSelect, onPick, onMark }: Props) {
  const picked = chosen.includes(home.id)
  const full = chosen.length >= MOST_COMPARED
  const hold = { onPointerEnter: () => onHover(home.id), onPointerLeave: () => onHover(null), onFocus: () => onHover(home.id), onBlur: () => onHover(null) }
  const marking = { id: home.id, name: lineOf(home), mark, onMark, tabIndex: current ? 0 : -1 }
  return (
    // A click on the row shows the home on the map, as M does; what it holds can be reached by Tab.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <li {...hold} className={styles.row} data-home={home.id} data-selected={selected} data-hovered={hovered} onClick={(event) => { if (!(event.target instanceof Element && event.target.closest('a, label, button'))) onSelect(home.id) }}>
      <div className={styles.first}>
        <Link to="/homes/$id" params={{ id: home.id }} search={{ ids: chosen.length === 0 ? undefined : [...chosen] }} className={styles.price} tabIndex={current ? 0 : -1} aria-current={selected ? 'true' : undefined}>
          {priceWords(home)}<span className="unseen">, {lineOf(home)}</span>
        </Link>
        {home.status !== 'active' && <Chip look={LOOKS[home.status] ?? 'neutral'}>{statusWords(home.status)}</Chip>}
        {mark === 'hidden' && <Chip>Hidden</Chip>}
        <span className={styles.marks}><Heart {...marking} /><Hide {...marking} /></span>
        <label className={styles.pick}>
          <input type="checkbox" checked={picked} disabled={full && !picked} tabIndex={current ? 0 : -1} onChange={() => onPick(home.id)} />
          Compare<span className="unseen"> {lineOf(home)}</span>
        </label>
      </div>
      <p>{factsOf(home)}{home.property_type != null && <span className={styles.quiet}>{home.property_type}</span>}</p>
      <p className={styles.quiet}><span>{lineOf(home)}{townOf(home) !== '' && `, ${townOf(home)}`}</span><span className={styles.days}>{daysWords(home)}</span></p>
    </li>
  )
}
