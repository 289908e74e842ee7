// What is drawn on a map, for the keyboard: one stop of Tab, arrows go to the nearest one, Enter does what a click does.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useReducer, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { plural } from '~/format/numbers'
import styles from './Map.module.css'

/** Something with a place. */
export interface Stop {
  id: string
  longitude: number
  latitude: number
}

interface Props<S extends Stop> {
  map: MapLibre
  /** The name of all of them, "Homes on the map". */
  label: string
  stops: readonly S[]
  /** What one of them says in words. */
  say: (stop: S) => string
  /** Whether it is drawn as a pill above its place instead of a bubble around it. */
  isPill?: (stop: S) => boolean
  onEnter: (stop: S) => void
  /** The keyboard has come to one, or has left them. */
  onAt?: (stop: S | null) => void
  /** Buttons beside the words; `back` gives the keyboard back to the map. */
  actions: (stop: S, back: () => void) => ReactNode
}

interface Placed<S> {
  stop: S
  x: number
  y: number
}

const ARROWS: Record<string, readonly [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }

export function Stops<S extends Stop>({ map, label, stops, say, isPill, onEnter, onAt, actions }: Props<S>) {
  const [inside, setInside] = useState(false)
  const [at, setAt] = useState<string | null>(null)
  const moved = useReducer((count: number) => count + 1, 0)[1]
  const button = useRef<HTMLButtonElement>(null)
  const placed = inside ? inSight(map, stops) : []
  const current = placed.find(({ stop }) => stop.id === at) ?? middlemost(placed, map)

  useEffect(() => {
    if (!inside) return
    map.on('move', moved)
    return () => void map.off('move', moved)
  }, [map, inside, moved])

  const go = (to: Placed<S> | undefined) => {
    if (to === undefined) return
    setAt(to.stop.id)
    onAt?.(to.stop)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key]
    if (arrow === undefined || current === undefined) return
    event.preventDefault()
    go(nearest(current, placed, arrow))
  }
  const stop = current?.stop
  return (
    // The group only notices when the focus comes and goes.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="group" aria-label={label} className={styles.markers} data-inside={inside}
      onFocus={() => setInside(true)}
      onBlur={(event) => { if (!event.currentTarget.contains(event.relatedTarget)) { setInside(false); onAt?.(null) } }}
    >
      <button
        ref={button} type="button" className={styles.marker} aria-live="polite"
        style={current === undefined ? undefined : { transform: `translate(${current.x}px, ${current.y}px)` }} data-pill={stop !== undefined && isPill?.(stop) === true}
        onKeyDown={onKeyDown} onClick={() => { if (stop !== undefined) onEnter(stop) }}
      >
        <span className="unseen">{stop === undefined ? `Go through ${plural(stops.length, 'marker')} with the arrow keys` : say(stop)}</span>
      </button>
      {stop !== undefined && (
        <div className={styles.tip}>
          <span>{say(stop)}</span>
          {actions(stop, () => button.current?.focus())}
        </div>
      )}
    </div>
  )
}

function inSight<S extends Stop>(map: MapLibre, stops: readonly S[]): Placed<S>[] {
  const { clientWidth, clientHeight } = map.getCanvas()
  return stops
    .map((stop) => ({ stop, ...pointOf(map, stop) }))
    .filter(({ x, y }) => x >= 0 && y >= 0 && x <= clientWidth && y <= clientHeight)
}

function pointOf(map: MapLibre, { longitude, latitude }: Stop): { x: number; y: number } {
  const { x, y } = map.project([longitude, latitude])
  return { x, y }
}

function middlemost<S>(placed: readonly Placed<S>[], map: MapLibre): Placed<S> | undefined {
  const { clientWidth, clientHeight } = map.getCanvas()
  const far = ({ x, y }: Placed<S>) => Math.hypot(x - clientWidth / 2, y - clientHeight / 2)
  return placed.length === 0 ? undefined : placed.reduce((best, one) => (far(one) < far(best) ? one : best))
}

/** The next one in a direction: near, and rather straight ahead than aside. */
function nearest<S>(from: Placed<S>, placed: readonly Placed<S>[], [dx, dy]: readonly [number, number]): Placed<S> | undefined {
  let best: Placed<S> | undefined
  let least = Infinity
  for (const one of placed) {
    const [x, y] = [one.x - from.x, one.y - from.y]
    const ahead = x * dx + y * dy
    const aside = Math.abs(x * dy) + Math.abs(y * dx)
    const cost = ahead + 2 * aside
    if (ahead > 1 && cost < least) [best, least] = [one, cost]
  }
  return best
}
