// Settings of this browser, and signing out.
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { shownKeys } from '~/keyboard/registry'
import { Page } from '~/shell/Page'
import { helpOpen } from '~/state/overlays'
import { prefer, usePreferences } from '~/state/preferences'
import { signOut, useSession } from '~/state/session'
import { sentence } from '~/format/words'
import styles from './Settings.module.css'

export function SettingsPage() {
  const { theme, density, singleKeys } = usePreferences()
  const { role, tenant, email } = useSession()
  const client = useQueryClient()
  const navigate = useNavigate()
  const leave = async () => {
    await signOut(client)
    await navigate({ to: '/sign-in', search: { why: 'out' } })
  }
  return (
    <Page title="Settings">
      <div className={styles.settings}>
        <section>
          <h2>Appearance</h2>
          <Choice legend="Theme" value={theme} onChange={(value) => prefer({ theme: value })} options={[['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']]} />
          <Choice legend="Rows" value={density} onChange={(value) => prefer({ density: value })} options={[['comfortable', 'Comfortable'], ['dense', 'Dense']]} />
        </section>
        <section>
          <h2>Keyboard</h2>
          <Choice legend="Shortcuts of one letter" value={singleKeys ? 'on' : 'off'} onChange={(value) => prefer({ singleKeys: value === 'on' })} options={[['on', 'On'], ['off', 'Off']]} />
          <p>Off suits speech input and anyone who presses letters by accident. {shownKeys('mod+k')} and the arrow keys keep working.</p>
          <Button onClick={() => helpOpen.set(true)} keys="?">Show the shortcuts</Button>
        </section>
        <section>
          <h2>Session</h2>
          <p>{email ?? 'A key'} is signed in to {tenant} as {sentence(role).toLowerCase()}.</p>
          <Button onClick={() => void leave()}>Sign out</Button>
        </section>
        <p className={styles.foot}>Settings are kept in this browser.</p>
      </div>
    </Page>
  )
}
