// Takes the home to those that are to be compared, tells how many they are, and leads to the comparison.
import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '~/components/Button'
import { MOST_COMPARED } from '~/features/homes/url'
import { useShortcuts } from '~/keyboard/registry'
import styles from './Home.module.css'

interface Props {
  id: string
  /** Those that are chosen so far, in their order. */
  ids: readonly string[]
  onIds: (ids: string[]) => void
}

export function CompareHome({ id, ids, onIds }: Props) {
  const isIn = ids.includes(id)
  const isFull = !isIn && ids.length >= MOST_COMPARED
  const toggle = () => { if (!isFull) onIds(isIn ? ids.filter((one) => one !== id) : [...ids, id]) }
  useShortcuts([{ keys: 'x', label: 'Choose the home for comparison', group: 'Homes', run: toggle }])
  return (
    <span className={styles.compare}>
      <Button icon={isIn ? 'check' : 'compare'} aria-keyshortcuts="X" aria-pressed={isIn} aria-disabled={isFull} title={isFull ? `${MOST_COMPARED} are chosen already; take one out first` : undefined} onClick={toggle}>Compare</Button>
      {ids.length > 0 && (
        <Link to="/compare" search={{ ids: [...ids] }} className={buttonClass('plain')}>
          <span className="unseen">Open the comparison: </span>{ids.length} of {MOST_COMPARED}
        </Link>
      )}
    </span>
  )
}
