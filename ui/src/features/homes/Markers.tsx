// Bubbles and pills of homes for the keyboard.
import type { Map as MapLibre } from 'maplibre-gl'
import { Button } from '~/components/Button'
import { moneyShort, plural } from '~/format/numbers'
import type { Box } from '~/map/geometry'
import { Stops } from '~/map/Stops'
import { stateOf, type Known } from './known'
import { Heart, Hide } from './MarkButtons'
import { markIn, type Marking } from './marks'
import type { Home } from './home'
import type { Cluster } from './queries'
import { factsOf, lineOf, statusWords } from './words'

interface Props {
  map: MapLibre
  clusters: readonly Cluster[]
  homes: ReadonlyMap<string, Home>
  known: Known
  onMark: Marking
  onZoom: (cluster: Cluster) => void
  onBubble: (box: Box) => void
  onSelect: (id: string) => void
  onHover: (id: string | null) => void
}

export function Markers({ map, clusters, homes, known, onMark, onZoom, onBubble, onSelect, onHover }: Props) {
  return (
    <Stops
      map={map} label="Homes on the map" stops={clusters} say={(cluster) => spoken(cluster, homes, known)}
      isPill={({ listing_id: id }) => id !== null}
      onAt={(cluster) => onHover(cluster?.listing_id ?? null)}
      onEnter={(cluster) => { if (cluster.listing_id === null) onZoom(cluster); else onSelect(cluster.listing_id) }}
      actions={(cluster, back) => {
        const { listing_id: home } = cluster
        if (home !== null) {
          const found = homes.get(home)
          const mark = { id: home, name: found === undefined ? 'The home' : lineOf(found), mark: markIn(known, home), onMark }
          return <><Button onClick={() => onSelect(home)}>Select it</Button><Heart {...mark} /><Hide {...mark} /></>
        }
        return (
          <>
            <Button onClick={() => { onZoom(cluster); back() }}>Zoom to them</Button>
            <Button onClick={() => onBubble(cluster.bbox as unknown as Box)}>List them</Button>
          </>
        )
      }}
    />
  )
}

/** What a bubble or pill says in words. */
export function spoken({ count, value, p10, p90, listing_id: id }: Cluster, homes: ReadonlyMap<string, Home>, known: Known): string {
  const home = id === null ? undefined : homes.get(id)
  const marks = id === null ? [] : marksInWords(id, home, known)
  if (home !== undefined) return [value === null ? 'No price' : moneyShort(value), lineOf(home), factsOf(home), ...marks].filter((part) => part !== '').join(', ')
  if (value === null) return [`${plural(count, 'home')}, no price`, ...marks].join(', ')
  if (count === 1) return [`1 home, ${moneyShort(value)}`, ...marks].join(', ')
  const most = p10 === null || p90 === null ? '' : `, most from ${moneyShort(p10)} to ${moneyShort(p90)}`
  return `${plural(count, 'home')}, median ${moneyShort(value)}${most}`
}

/** What the look of a pill says. */
function marksInWords(id: string, home: Home | undefined, known: Known): string[] {
  const words = { picked: 'chosen for comparison', hidden: 'hidden', gone: home === undefined ? '' : statusWords(home.status).toLowerCase(), viewed: 'opened before', plain: '' }[stateOf(id, known)]
  return [...(known.favourites.has(id) ? ['favourite'] : []), ...(words === '' ? [] : [words])]
}
