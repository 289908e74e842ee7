// Bubbles and pills for the keyboard: one stop of Tab on the map, arrows go to the nearest one, Enter does what a click does.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useReducer, useRef, useState, type KeyboardEvent } from 'react'
import { Button } from '~/components/Button'
import { moneyShort, plural } from '~/format/numbers'
import type { Box } from '~/map/geometry'
import styles from './Map.module.css'
import type { Cluster, Home } from './queries'
import { factsOf, lineOf } from './words'

interface Props {
  map: MapLibre
  clusters: readonly Cluster[]
  homes: ReadonlyMap<string, Home>
  onZoom: (cluster: Cluster) => void
  onBubble: (box: Box) => void
  onSelect: (id: string) => void
  onHover: (id: string | null) => void
}

interface Placed {
  cluster: Cluster
  x: number
  y: number
}

const ARROWS: Record<string, readonly [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }

export function Markers({ map, clusters, homes, onZoom, onBubble, onSelect, onHover }: Props) {
  const [inside, setInside] = useState(false)
  const [at, setAt] = useState<string | null>(null)
  const moved = useReducer((count: number) => count + 1, 0)[1]
  const button = useRef<HTMLButtonElement>(null)
  const placed = inside ? inSight(map, clusters) : []
  const current = placed.find(({ cluster }) => cluster.id === at) ?? middlemost(placed, map)

  useEffect(() => {
    if (!inside) return
    map.on('move', moved)
    return () => void map.off('move', moved)
  }, [map, inside, moved])

  const go = (to: Placed | undefined) => {
    if (to === undefined) return
    setAt(to.cluster.id)
    onHover(to.cluster.listing_id)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key]
    if (arrow === undefined || current === undefined) return
    event.preventDefault()
    go(nearest(current, placed, arrow))
  }
  const cluster = current?.cluster
  const home = cluster?.listing_id ?? undefined
  const enter = () => {
    if (home !== undefined) onSelect(home)
    else if (cluster !== undefined) onZoom(cluster)
  }
  return (
    // The group only notices when the focus comes and goes.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="group" aria-label="Homes on the map" className={styles.markers} data-inside={inside}
      onFocus={() => setInside(true)}
      onBlur={(event) => { if (!event.currentTarget.contains(event.relatedTarget)) { setInside(false); onHover(null) } }}
    >
      <button
        ref={button} type="button" className={styles.marker} aria-live="polite"
        style={current === undefined ? undefined : { transform: `translate(${current.x}px, ${current.y}px)` }} data-home={home !== undefined}
        onKeyDown={onKeyDown} onClick={enter}
      >
        <span className="unseen">{cluster === undefined ? `Go through ${plural(clusters.length, 'marker')} with the arrow keys` : spoken(cluster, homes)}</span>
      </button>
      {cluster !== undefined && (
        <div className={styles.tip}>
          <span>{spoken(cluster, homes)}</span>
          {home === undefined ? (
            <>
              <Button onClick={() => { onZoom(cluster); button.current?.focus() }}>Zoom to them</Button>
              <Button onClick={() => onBubble(cluster.bbox as unknown as Box)}>List them</Button>
            </>
          ) : <Button onClick={() => onSelect(home)}>Select it</Button>}
        </div>
      )}
    </div>
  )
}

/** What a bubble or pill says in words. */
export function spoken({ count, value, p10, p90, listing_id: id }: Cluster, homes: ReadonlyMap<string, Home>): string {
  const home = id === null ? undefined : homes.get(id)
  if (home !== undefined) return [value === null ? 'No price' : moneyShort(value), lineOf(home), factsOf(home)].filter((part) => part !== '').join(', ')
  if (value === null) return `${plural(count, 'home')}, no price`
  if (count === 1) return `1 home, ${moneyShort(value)}`
  const most = p10 === null || p90 === null ? '' : `, most from ${moneyShort(p10)} to ${moneyShort(p90)}`
  return `${plural(count, 'home')}, median ${moneyShort(value)}${most}`
}

function inSight(map: MapLibre, clusters: readonly Cluster[]): Placed[] {
  const { clientWidth, clientHeight } = map.getCanvas()
  return clusters
    .map((cluster) => ({ cluster, ...pointOf(map, cluster) }))
    .filter(({ x, y }) => x >= 0 && y >= 0 && x <= clientWidth && y <= clientHeight)
}

function pointOf(map: MapLibre, { longitude, latitude }: Cluster): { x: number; y: number } {
  const { x, y } = map.project([longitude, latitude])
  return { x, y }
}

function middlemost(placed: readonly Placed[], map: MapLibre): Placed | undefined {
  const { clientWidth, clientHeight } = map.getCanvas()
  const far = ({ x, y }: Placed) => Math.hypot(x - clientWidth / 2, y - clientHeight / 2)
  return placed.length === 0 ? undefined : placed.reduce((best, one) => (far(one) < far(best) ? one : best))
}

/** The next one in a direction: near, and rather straight ahead than aside. */
function nearest(from: Placed, placed: readonly Placed[], [dx, dy]: readonly [number, number]): Placed | undefined {
  let best: Placed | undefined
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
