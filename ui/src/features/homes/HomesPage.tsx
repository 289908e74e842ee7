// Property search: the map and the list of the same homes.
import { useQuery, type InfiniteData } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import type { Schema } from '~/api/client'
import { useTopics } from '~/api/topics'
import { Button } from '~/components/Button'
import { EmptyState } from '~/components/states'
import { Sheet, type Stop } from '~/components/Sheet'
import { count, plural } from '~/format/numbers'
import { useShortcuts } from '~/keyboard/registry'
import type { Box } from '~/map/geometry'
import { Page } from '~/shell/Page'
import { atLeast, useSession } from '~/state/session'
import { announce } from '~/state/announce'
import { useNarrow } from '~/state/media'
import { usePresence } from '~/state/presence'
import { Filters, Sort } from './Filters'
import { useHomes } from './fresh'
import { HomeList, ListHeading, STOPS } from './HomeList'
import styles from './Homes.module.css'
import listStyles from './List.module.css'
import { MapPane } from './MapPane'
import { MarketChoice } from './MarketChoice'
import { useMarking, useMarks, type Marking } from './marks'
import { marketBoxQuery } from './queries'
import type { HomesUrl } from './url'
import { WhichHomes } from './WhichHomes'

const MarkedHomes = lazy(() => import('./MarkedHomes'))
const NoneInView = lazy(() => import('./NoneInView'))
const SaveSearch = lazy(() => import('./SaveSearch'))

interface Props {
  /** Null when the tenant has none. */
  market: string | null
  search: HomesUrl
  /** Changes the address; `replace` leaves no step for Back. */
  onChange: (change: Partial<HomesUrl>, replace?: boolean) => void
}

export function HomesPage({ market, search, onChange }: Props) {
  const { marks } = search
  const show = (which: HomesUrl['marks']) => onChange({ marks: which, bbox: undefined, z: undefined, in: undefined, sel: undefined }, false)
  useShortcuts([{ keys: 'v', label: marks === 'favourite' ? 'All homes again' : 'Favourites alone', group: 'Homes', run: () => show(marks === 'favourite' ? undefined : 'favourite') }])
  if (marks !== undefined) return <Suspense fallback={<Page title="Homes">{null}</Page>}><MarkedHomes key={marks} mark={marks} search={search} onChange={onChange} onWhich={show} /></Suspense>
  if (market === null) {
    return <Page title="Homes"><EmptyState title="No homes yet">They appear here, on the map and in a list, as soon as listings are imported.</EmptyState></Page>
  }
  return <Search market={market} search={search} onChange={onChange} onWhich={show} />
}

function Search({ market, search, onChange, onWhich }: Props & { market: string; onWhich: (which: HomesUrl['marks']) => void }) {
  useTopics([`market:${market}`])
  const presence = usePresence()
  const { query, first, news, show } = useHomes(market, search, presence.present)
  const [hovered, setHovered] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)
  const [stop, setStop] = useState<Stop>('half')
  const [failed, setFailed] = useState<string | null>(null)
  const [away, setAway] = useState<Away | null>(null)
  const { loaded, homes, hidden, marks, withHidden, setWithHidden } = useUnhidden(query.data)
  const marking = useMarking()
  const heading = useRef<HTMLHeadingElement>(null)
  const narrow = useNarrow()
  const canSave = atLeast(useSession().role, 'agent')
  const goTo = (box: Box, zoom: number) => onChange({ bbox: box.join(','), z: zoom, in: undefined })
  const { data: everywhere } = useQuery(marketBoxQuery(market))
  useNews(news, show)
  const mark: Marking = (id, next, name) => {
    marking(id, next, name)
    if (next === 'hidden' && id === search.sel && !withHidden) onChange({ sel: undefined })
  }
  const inSheet = narrow && failed === null
  const title = <ListHeading heading={heading}>{first === undefined ? 'Homes' : plural(first.total, 'home')}</ListHeading>
  const list = (
    <HomeList
      {...{ search, onChange, homes, hovered, heading, marks }} total={first?.total} title={inSheet ? undefined : title} watch={presence.watch}
      pending={query.isPending} error={query.error} onRetry={() => void query.refetch()} onHover={setHovered} onMark={mark} leaves={(next) => next === 'hidden' && !withHidden}
      more={query.hasNextPage ? { words: 'Show 50 more', busy: query.isFetchingNextPage, run: () => void query.fetchNextPage() } : null}
      order={<Sort search={search} onChange={onChange} />}
      notes={<Notes {...{ search, onChange, failed, news, away, hidden, withHidden }} onNews={show} onAway={(to) => { goTo(to.box, to.zoom); setAway(null) }} onWithHidden={setWithHidden} />}
      empty={<Suspense><NoneInView market={market} search={search} onChange={onChange} onEverywhere={() => onChange({ bbox: everywhere?.join(','), z: undefined, in: undefined })} /></Suspense>}
    />
  )
  const map = failed === null && (
    <MapPane
      {...{ market, search, onChange, hovered, marks, withHidden }} homes={loaded} extent={everywhere} onHover={setHovered} onMark={mark} onFailed={setFailed}
      onMove={(box, zoom) => { if (search.still === true) setAway({ box, zoom }); else goTo(box, zoom) }}
      onDraw={() => setStop('low')} onToList={() => { setStop('full'); heading.current?.focus() }}
    />
  )
  return (
    <Page
      title="Homes" fill numbers={[{ label: search.bbox === undefined ? 'In the market' : 'In view', value: first === undefined ? '–' : count(first.total) }]}
      actions={canSave && <Button icon="saved" onClick={() => setSaving(true)}>Save this search</Button>}
    >
      <div className={styles.page}>
        <Filters search={search} onChange={onChange} facets={first?.facets ?? {}} histogram={first?.histogram ?? null} start={<WhichHomes which={undefined} marks={marks} onWhich={onWhich} />}>
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
          {inSheet ? <Sheet label="Homes in view" title={title} stops={STOPS} stop={stop} onStop={setStop}>{list}</Sheet> : list}
        </div>
      </div>
      <Suspense>{saving && <SaveSearch market={market} search={search} onClose={() => setSaving(false)} />}</Suspense>
    </Page>
  )
}

/** The homes that were loaded, and those of them that are shown: hidden ones only when they are asked for. */
function useUnhidden(data: InfiniteData<Schema<'SearchOut'>> | undefined) {
  const loaded = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data])
  const marks = useMarks()
  const [withHidden, setWithHidden] = useState(false)
  const unhidden = loaded.filter(({ id }) => !marks.hidden.has(id))
  return { loaded, homes: withHidden ? loaded : unhidden, hidden: loaded.length - unhidden.length, marks, withHidden, setWithHidden }
}

/** Says what is new, and shows it by N. */
function useNews(news: string | null, show: () => void): void {
  useShortcuts(news === null ? [] : [{ keys: 'n', label: 'Show what is new', group: 'Homes', run: show }])
  useEffect(() => {
    if (news !== null) announce(news)
  }, [news])
}

/** Where the map has gone while the list keeps its place. */
interface Away {
  box: Box
  zoom: number
}

interface NotesProps extends Pick<Props, 'search' | 'onChange'> {
  failed: string | null
  news: string | null
  away: Away | null
  /** How many of the loaded homes are hidden. */
  hidden: number
  withHidden: boolean
  onNews: () => void
  onAway: (to: Away) => void
  onWithHidden: (on: boolean) => void
}

/** What has to be known of the list, above its homes. */
function Notes({ search, onChange, failed, news, away, hidden, withHidden, onNews, onAway, onWithHidden }: NotesProps) {
  return (
    <>
      {failed !== null && <p className={listStyles.note} role="status">This browser cannot draw the map, so the list has the page to itself. Filters work as always.</p>}
      {news !== null && <p className={listStyles.note}><Button look="plain" keys="n" onClick={onNews}>{news}: show</Button></p>}
      {search.in !== undefined && <p className={listStyles.note}><span>The homes of one bubble</span><Button onClick={() => onChange({ in: undefined })} icon="close">Show all in view</Button></p>}
      {away !== null && search.still === true && <p className={listStyles.note}><span>The map has moved on</span><Button onClick={() => onAway(away)}>Search here</Button></p>}
      {hidden > 0 && <p className={listStyles.note}><span>{count(hidden)} hidden</span><Button look="plain" onClick={() => onWithHidden(!withHidden)}>{withHidden ? 'Leave out' : 'Show'}<span className="unseen"> hidden homes</span></Button></p>}
    </>
  )
}
