// What every beam ends with: search, the bell, and the mark of the live connection.
import { connection, type Connection } from '~/api/stream'
import { Icon } from '~/components/Icon'
import { shownKeys } from '~/keyboard/registry'
import { paletteOpen } from '~/state/overlays'
import { useStore } from '~/state/store'
import { Bell } from './Bell'
import styles from './BeamTools.module.css'

const words: Record<Connection, [string, string]> = {
  connecting: ['Connecting', 'The live connection is on its way.'],
  live: ['Live', 'What happens is shown as it happens.'],
  polling: ['Every 30 s', 'No live connection; the page asks again every 30 s.'],
  offline: ['Offline', 'No connection; you see what was loaded before.'],
}

export function BeamTools() {
  return (
    <>
      <button type="button" className={styles.search} aria-keyshortcuts="Control+K Meta+K" onClick={() => paletteOpen.set(true)}>
        <Icon name="search" size={16} />
        <span className={styles.words}>Search or jump to</span>
        <kbd aria-hidden="true">{shownKeys('mod+k')}</kbd>
      </button>
      <Bell />
      <Mark />
    </>
  )
}

function Mark() {
  const state = useStore(connection)
  const [word, title] = words[state]
  return <span className={styles.mark} data-state={state} title={title}>{word}</span>
}
