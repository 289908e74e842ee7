// The map beside the list, once it is known where it starts.
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useMemo } from 'react'
import { readBox, writeRings, type Box } from '~/map/geometry'
import { useNarrow } from '~/state/media'
import { useStore } from '~/state/store'
import styles from './Homes.module.css'
import type { Marking, Marks } from './marks'
import { homeQuery, type Home } from './home'
import type { Cluster } from './queries'
import type { HomesUrl } from './url'
import { viewedHomes } from './viewed'

const HomesMap = lazy(() => import('./HomesMap'))

/** The part of a phone's screen that the sheet covers when it stands half. */
const HALF = 0.4
/** Pixels of the tools over the map there. */
const TOOLS = 60

interface Props {
  market: string
  search: HomesUrl
  onChange: (change: Partial<HomesUrl>) => void
  /** The homes of the list. */
  homes: readonly Home[]
  /** Where it starts when the address does not say; absent as long as it is not known. */
  extent: Box | undefined
  /** These alone are drawn, in place of what the search finds. */
  only?: readonly Cluster[]
  hovered: string | null
  marks: Marks
  withHidden: boolean
  onHover: (id: string | null) => void
  onMark: Marking
  onMove: (box: Box, zoom: number) => void
  onToList: () => void
  /** An area is being drawn, which needs room. */
  onDraw: () => void
  onFailed: (why: string) => void
}

export function MapPane({ market, search, onChange, homes: listed, extent, only, hovered, marks, withHidden, onHover, onMark, onMove, onToList, onDraw, onFailed }: Props) {
  const selected = useQuery({ ...homeQuery(search.sel ?? ''), enabled: search.sel !== undefined })
  const viewed = useStore(viewedHomes)
  const narrow = useNarrow()
  const homes = useMemo(() => new Map(listed.map((home) => [home.id, home])), [listed])
  const known = useMemo(() => ({ ...marks, viewed, picked: search.ids ?? [], statuses: new Map(listed.map(({ id, status }) => [id, status])) }), [marks, viewed, search.ids, listed])
  const select = useCallback((id: string | null) => onChange({ sel: id ?? undefined }), [onChange])
  const box = search.bbox === undefined ? extent : (readBox(search.bbox) ?? undefined)
  const waiting = <div className={styles.waiting} />
  if (box === undefined) return waiting
  return (
    <Suspense fallback={waiting}>
      <HomesMap
        key={market} start={{ box, zoom: search.z, covered: narrow ? globalThis.innerHeight * HALF : 0, topped: narrow ? TOOLS : 0 }} selected={search.sel === undefined ? null : (selected.data ?? null)}
        {...{ market, search, homes, hovered, known, withHidden, only, onHover, onMark, onMove, onToList, onDraw, onFailed }} onSelect={select}
        onAreas={(rings) => onChange({ poly: rings.length === 0 ? undefined : writeRings(rings) })}
        onBubble={(bubble) => { onChange({ in: bubble.join(',') }); onToList() }}
      />
    </Suspense>
  )
}
