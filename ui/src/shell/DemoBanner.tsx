// Says that the data is made up, when the server says so.
import { useSession } from '~/state/session'
import styles from './Shell.module.css'

export function DemoBanner() {
  const { demo } = useSession()
  if (!demo) return null
  return (
    <div className={styles.banner} role="note">
      <span><strong>Demo.</strong> These people, homes and prices are made up.</span>
    </div>
  )
}
