// Property search: the map and the list of the same homes.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTopics } from '~/api/topics'
import { Button } from '~/components/Button'
import { EmptyState } from '~/components/states'
import { Sheet, type Stop } from '~/components/Sheet'
import { count } from '~/format/numbers'
import { useShortcuts } from '~/keyboard/registry'
import { readBox, writeRings, type Box } from '~/map/geometry'
import { Page } from '~/shell/Page'
import { atLeast, useSession } from '~/state/session'
import { announce } from '~/state/announce'
import { useNarrow } from '~/state/media'
import { usePresence } from '~/state/presence'
import { useStore } from '~/state/store'
import { Filters } from './Filters'
import { useHomes } from './fresh'
import { HomeList } from './HomeList'
import styles from './Homes.module.css'
import listStyles from './List.module.css'
import { MarketChoice } from './MarketChoice'
import { useMarking, useMarks, type Marking, type Marks } from './marks'
import { homeQuery, homesQuery, marketBoxQuery } from './queries'
import type { HomesUrl } from './url'
import { viewedHomes } from './viewed'

const HomesMap = lazy(() => import('./HomesMap'))
const SaveSearch = lazy(() => import('./SaveSearch'))

interface Props {
  /** Null when the tenant has none. */
  market: string | null
  search: HomesUrl
  onChange: (change: Partial<HomesUrl>) => void
}

export function HomesPage({ market, search, onChange }: Props) {
  if (market === null) {
    return <Page title="Homes"><EmptyState title="No homes yet">They appear here, on the map and in a list, as soon as listings are imported.</EmptyState></Page>
  }
  return <Search market={market} search={search} onChange={onChange} />
}

function Search({ market, search, onChange }: Props & { market: string }) {
  useTopics([`market:${market}`])
  const presence = usePresence()
  const { first, news, show } = useHomes(market, search, presence.present)
  const [hovered, setHovered] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)
  const [stop, setStop] = useState<Stop>('half')
  const [failed, setFailed] = useState<string | null>(null)
  const [away, setAway] = useState<{ box: Box; zoom: number } | null>(null)
  const marks = useMarks()
  const marking = useMarking()
  const [withHidden, setWithHidden] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  const narrow = useNarrow()
  const canSave = atLeast(useSession().role, 'agent')
  const goTo = (box: Box, zoom: number) => onChange({ bbox: box.join(','), z: zoom, in: undefined })
  const { data: everywhere } = useQuery(marketBoxQuery(market))
  useShortcuts(news === null ? [] : [{ keys: 'n', label: 'Show what is new', group: 'Homes', run: show }])
  useEffect(() => {
    if (news !== null) announce(news)
  }, [news])
  const mark: Marking = (id, next, name) => {
    marking(id, next, name)
    if (next === 'hidden' && id === search.sel && !withHidden) onChange({ sel: undefined })
  }
  const showAll = () => onChange({ bbox: everywhere?.join(','), z: undefined, in: undefined })

  const notes = (
    <>
      {failed !== null && <p className={listStyles.note} role="status">This browser cannot draw the map, so the list has the page to itself. Filters work as always.</p>}
      {news !== null && <p className={listStyles.note}><Button look="plain" keys="n" onClick={show}>{news}: show</Button></p>}
      {search.in !== undefined && <p className={listStyles.note}><span>The homes of one bubble</span><Button onClick={() => onChange({ in: undefined })} icon="close">Show all in view</Button></p>}
      {away !== null && search.still === true && <p className={listStyles.note}><span>The map has moved on</span><Button onClick={() => { goTo(away.box, away.zoom); setAway(null) }}>Search here</Button></p>}
    </>
  )
  const list = <HomeList {...{ market, search, onChange, hovered, heading, notes, marks, withHidden, watch: presence.watch }} onHover={setHovered} onEverywhere={showAll} onMark={mark} onWithHidden={setWithHidden} />
  const map = failed === null && (
    <MapPane
      {...{ market, search, onChange, hovered, marks, withHidden }} onHover={setHovered} onMark={mark} onFailed={setFailed}
      onMove={(box, zoom) => { if (search.still === true) setAway({ box, zoom }); else goTo(box, zoom) }}
      onToList={() => { setStop('full'); heading.current?.focus() }}
    />
  )
  return (
    <Page
      title="Homes" fill numbers={[{ label: search.bbox === undefined ? 'In the market' : 'In view', value: first === undefined ? '–' : count(first.total) }]}
      actions={canSave && <Button icon="saved" onClick={() => setSaving(true)}>Save this search</Button>}
    >
      <div className={styles.page}>
        <Filters search={search} onChange={onChange} facets={first?.facets ?? {}} histogram={first?.histogram ?? null}>
          <MarketChoice market={market} onChange={(next) => onChange({ market: next, bbox: undefined, z: undefined, in: undefined, sel: undefined, poly: undefined })} />
          {failed === null && (
            <label className={styles.follow}>
              <input type="checkbox" checked={search.still !== true} onChange={(event) => onChange({ still: event.target.checked ? undefined : true })} />
              Search as I move the map
            </label>
          )}
        </Filters>
        <div className={styles.panes} data-map={failed === null ? 'there' : 'none'}>
          {map}
          {narrow && failed === null ? <Sheet label="Homes in view" stop={stop} onStop={setStop}>{list}</Sheet> : list}
        </div>
      </div>
      <Suspense>{saving && <SaveSearch market={market} search={search} onClose={() => setSaving(false)} />}</Suspense>
    </Page>
  )
}

/** The part of a phone's screen that the sheet covers when it stands half. */
const HALF = 0.4

interface PaneProps extends Pick<Props, 'search' | 'onChange'> {
  market: string
  hovered: string | null
  marks: Marks
  withHidden: boolean
  onHover: (id: string | null) => void
  onMark: Marking
  onMove: (box: Box, zoom: number) => void
  onToList: () => void
  onFailed: (why: string) => void
}

/** The map once it is known where it starts. */
function MapPane({ market, search, onChange, hovered, marks, withHidden, onHover, onMark, onMove, onToList, onFailed }: PaneProps) {
  const { data: pages } = useInfiniteQuery({ ...homesQuery(market, search), placeholderData: keepPreviousData })
  const extent = useQuery({ ...marketBoxQuery(market), enabled: search.bbox === undefined })
  const selected = useQuery({ ...homeQuery(search.sel ?? ''), enabled: search.sel !== undefined })
  const viewed = useStore(viewedHomes)
  const narrow = useNarrow()
  const homes = useMemo(() => new Map(pages?.pages.flatMap((page) => page.items).map((home) => [home.id, home])), [pages])
  const known = useMemo(() => ({ ...marks, viewed, picked: search.ids ?? [], statuses: new Map([...homes].map(([id, { status }]) => [id, status])) }), [marks, viewed, search.ids, homes])
  const select = useCallback((id: string | null) => onChange({ sel: id ?? undefined }), [onChange])
  const box = search.bbox === undefined ? extent.data : (readBox(search.bbox) ?? undefined)
  const waiting = <div className={styles.waiting} />
  if (box === undefined) return waiting
  return (
    <Suspense fallback={waiting}>
      <HomesMap
        key={market} start={{ box, zoom: search.z, covered: narrow ? globalThis.innerHeight * HALF : 0 }} selected={search.sel === undefined ? null : (selected.data ?? null)}
        {...{ market, search, homes, hovered, known, withHidden, onHover, onMark, onMove, onToList, onFailed }} onSelect={select}
        onAreas={(rings) => onChange({ poly: rings.length === 0 ? undefined : writeRings(rings) })}
        onBubble={(bubble) => { onChange({ in: bubble.join(',') }); onToList() }}
      />
    </Suspense>
  )
}
