// The sheet of shortcuts: those in force on this page.
import { Choice } from '~/components/Choice'
import { Dialog } from '~/components/Dialog'
import { helpOpen } from '~/state/overlays'
import { prefer, usePreferences } from '~/state/preferences'
import { useStore } from '~/state/store'
import styles from './Help.module.css'
import { shortcuts, shownKeys, type Shortcut } from './registry'

export default function Help() {
  const { singleKeys } = usePreferences()
  const groups = grouped(useStore(shortcuts))
  return (
    <Dialog title="Shortcuts" width={720} onClose={() => helpOpen.set(false)}>
      <div className={styles.groups}>
        {groups.map(([group, list]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {list.map(({ keys, label }) => (
                <div key={keys}><dt>{label}</dt><dd><kbd>{shownKeys(keys)}</kbd></dd></div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className={styles.foot}>
        <Choice legend="Shortcuts of one letter" value={singleKeys ? 'on' : 'off'} onChange={(value) => prefer({ singleKeys: value === 'on' })} options={[['on', 'On'], ['off', 'Off']]} />
      </div>
    </Dialog>
  )
}

/** By heading, each combination once, "Everywhere" and "Go to" last. */
function grouped(all: readonly Shortcut[]): [string, Shortcut[]][] {
  const seen = new Set<string>()
  const groups = new Map<string, Shortcut[]>()
  for (const shortcut of all) {
    if (seen.has(shortcut.keys)) continue
    seen.add(shortcut.keys)
    groups.set(shortcut.group, [...(groups.get(shortcut.group) ?? []), shortcut])
  }
  const rank = (group: string) => ['Everywhere', 'Go to'].indexOf(group)
  return [...groups].sort(([a], [b]) => rank(a) - rank(b))
}
