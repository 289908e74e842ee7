// A heart for favourites, and the way to hide a home from the search; wherever a home is shown.
import { IconButton } from '~/components/Button'
import type { Mark, Marking } from './marks'
import styles from './Marks.module.css'

interface Props {
  id: string
  /** How messages call the home. */
  name: string
  mark: Mark | null
  onMark: Marking
  tabIndex?: number
}

export function Heart({ id, name, mark, onMark, tabIndex }: Props) {
  const on = mark === 'favourite'
  return <IconButton icon="heart" label={`Favourite ${name}`} className={styles.heart} aria-pressed={on} tabIndex={tabIndex} onClick={() => onMark(id, on ? null : 'favourite', name)} />
}

export function Hide({ id, name, mark, onMark, tabIndex }: Props) {
  const on = mark === 'hidden'
  return <IconButton icon={on ? 'show' : 'hide'} label={on ? `Show ${name} again` : `Hide ${name}`} tabIndex={tabIndex} onClick={() => onMark(id, on ? null : 'hidden', name)} />
}
