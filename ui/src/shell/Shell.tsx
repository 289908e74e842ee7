// The frame of every page behind the sign-in: rail, banners, shortcuts, overlays, the live connection.
import { useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouter, useRouterState, type AnyRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { connection, Stream } from '~/api/stream'
import { Icon } from '~/components/Icon'
import { useShortcuts, type Shortcut } from '~/keyboard/registry'
import { places, type Place } from '~/navigation'
import { spoken } from '~/state/announce'
import { helpOpen, paletteOpen } from '~/state/overlays'
import { atLeast, expired, hasSignedIn, useSession } from '~/state/session'
import { useStore } from '~/state/store'
import { DemoBanner } from './DemoBanner'
import { MorePlaces } from './MorePlaces'
import styles from './Shell.module.css'
import { Toasts } from './Toasts'

const loadPalette = () => import('~/keyboard/Palette')
const Palette = lazy(loadPalette)
const Help = lazy(() => import('~/keyboard/Help'))
const SignInAgain = lazy(() => import('./SignInAgain'))

export function Shell() {
  useStream()
  usePaletteReady()
  useVitals()
  useFocusOnNavigation()
  const places = usePlaces()
  useShortcuts(useGlobalShortcuts(places))
  const palette = useStore(paletteOpen)
  const help = useStore(helpOpen)
  const over = useStore(expired)
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">Skip to the content</a>
      <Rail places={places} />
      <OfflineBanner />
      <DemoBanner />
      <main id="main" tabIndex={-1}><Outlet /></main>
      <Toasts />
      <Voice />
      <Suspense>
        {palette && <Palette />}
        {help && <Help />}
        {over && <SignInAgain />}
      </Suspense>
    </div>
  )
}

/** The places that the role may see. */
export function usePlaces(): readonly Place[] {
  const { role } = useSession()
  return places.filter((place) => (place.role === undefined || atLeast(role, place.role)) && place.roles?.includes(role) !== false)
}

function Rail({ places }: { places: readonly Place[] }) {
  const main = places.filter((place) => place.where === 'rail')
  const more = places.filter((place) => place.where === 'more')
  return (
    <nav className={styles.rail} aria-label="Pages">
      <Link to="/" className={styles.mark} aria-label="Lintel, to the leads">L</Link>
      <ul>
        {main.map((place, index) => <li key={place.to} className={index > 3 ? styles.extra : undefined}><PlaceLink place={place} /></li>)}
      </ul>
      <span className={`${styles.apart} ${styles.extra}`} />
      <ul>
        {more.map((place) => <li key={place.to} className={styles.extra}><PlaceLink place={place} /></li>)}
      </ul>
      <div className={styles.more}><MorePlaces places={[...main.slice(4), ...more]} className={styles.place} /></div>
    </nav>
  )
}

function PlaceLink({ place }: { place: Place }) {
  return (
    <Link to={place.to} className={styles.place} activeOptions={{ exact: place.to === '/', includeSearch: false }}>
      <Icon name={place.icon} size={18} />
      {place.label}
    </Link>
  )
}

function OfflineBanner() {
  const state = useStore(connection)
  if (state !== 'offline') return null
  return (
    <div className={`${styles.banner} ${styles.offline}`} role="status">
      <span><strong>Offline.</strong> You see what was loaded before; nothing can be changed until the connection is back.</span>
    </div>
  )
}

function Voice() {
  return <div className="unseen" aria-live="polite">{useStore(spoken)}</div>
}

function useStream(): void {
  const client = useQueryClient()
  const { role, user_id: me } = useSession()
  useEffect(() => {
    const topics = ['leads', 'models', 'analyses', ...(me === null ? [] : [`user:${me}`]), ...(role === 'analyst' || atLeast(role, 'admin') ? ['imports'] : []), ...(atLeast(role, 'admin') ? ['jobs'] : [])]
    const stream = new Stream(client, topics)
    stream.start()
    return () => stream.stop()
  }, [client, role, me])
}

/** The palette is fetched while nothing else is to do, so that no letter is lost when it opens. */
function usePaletteReady(): void {
  useEffect(() => {
    const timer = setTimeout(() => void loadPalette(), 2000)
    return () => clearTimeout(timer)
  }, [])
}

// One document is one view, however often the frame is drawn anew in it.
let watching = false

/** Once the page is at rest, it is measured how it felt; what was felt of signing in is none of the page behind it. */
function useVitals(): void {
  const router = useRouter()
  useEffect(() => {
    if (watching || hasSignedIn()) return
    const timer = setTimeout(() => {
      watching = true
      void import('~/state/vitals').then(({ watchVitals }) => watchVitals((path) => patternOf(router, path)))
    }, 1000)
    return () => clearTimeout(timer)
  }, [router])
}

/** `/leads/$id` of `/leads/7`; null where no page is. */
function patternOf(router: AnyRouter, path: string): string | null {
  const pattern: unknown = router.getMatchedRoutes(path)[2]?.fullPath
  return typeof pattern === 'string' ? pattern.replace(/(.)\/$/, '$1') : null
}

/** After a change of page the title has the focus, so that the keyboard and screen readers start at its top. */
function useFocusOnNavigation(): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const before = useRef(path)
  useEffect(() => {
    if (path !== undefined && before.current !== undefined && before.current !== path) {
      document.getElementById('title')?.focus({ preventScroll: true })
    }
    before.current = path
  }, [path])
}

function useGlobalShortcuts(places: readonly Place[]): Shortcut[] {
  const navigate = useNavigate()
  const group = 'Everywhere'
  return [
    { keys: 'mod+k', label: 'Search or jump to', group, inFields: true, run: () => paletteOpen.set(true) },
    { keys: '/', label: 'Search or jump to', group, run: () => paletteOpen.set(true) },
    { keys: '?', label: 'Show the shortcuts', group, run: () => helpOpen.set(true) },
    ...places.map((place): Shortcut => ({ keys: `g ${place.letter}`, label: place.label, group: 'Go to', run: () => void navigate({ to: place.to }) })),
  ]
}
