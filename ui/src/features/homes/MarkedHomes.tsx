// The reader's own favourites alone, or the homes that are hidden from the search; on the map and in a list. Loaded by itself.
import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { useTopics } from '~/api/topics'
import { Button } from '~/components/Button'
import { Sheet, type Stop } from '~/components/Sheet'
import { EmptyState } from '~/components/states'
import { count, plural } from '~/format/numbers'
import type { Box } from '~/map/geometry'
import { Page } from '~/shell/Page'
import { useNarrow } from '~/state/media'
import filterStyles from './Filters.module.css'
import { HomeList, ListHeading, STOPS } from './HomeList'
import styles from './Homes.module.css'
import listStyles from './List.module.css'
import { MapPane } from './MapPane'
import { asClusters, boxAround, useMarked } from './marked'
import { marksQuery, useMarking, useMarks, type Mark, type Marking } from './marks'
import type { HomesUrl } from './url'
import { WhichHomes } from './WhichHomes'

interface Props {
  mark: Mark
  search: HomesUrl
  onChange: (change: Partial<HomesUrl>) => void
  onWhich: (which: HomesUrl['marks']) => void
}

/** Each is a request of its own. */
const STEP = 24

const WORDS: Record<Mark, { label: string; say: (n: number) => string; none: string; will: string }> = {
  favourite: { label: 'Favourites', say: (n) => plural(n, 'favourite home'), none: 'No favourites yet', will: 'Homes whose heart you press, here or on their own page, stand here together.' },
  hidden: { label: 'Hidden', say: (n) => plural(n, 'hidden home'), none: 'No home is hidden', will: 'Homes that you hide from the search stand here, so that they can be shown again.' },
}

export default function MarkedHomes({ mark, search, onChange, onWhich }: Props) {
  const query = useQuery(marksQuery)
  const marks = useMarks()
  const [shown, setShown] = useState(STEP)
  const ids = useMemo(() => (query.data?.items ?? []).flatMap((one) => (one.mark === mark ? [one.listing_id] : [])), [query.data, mark])
  const marked = useMarked(ids.slice(0, shown))
  const { homes } = marked
  useTopics([...new Set(homes.map(({ market }) => `market:${market}`))].sort())
  const [hovered, setHovered] = useState<string | null>(null)
  const [stop, setStop] = useState<Stop>('half')
  const [failed, setFailed] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  const narrow = useNarrow()
  const marking = useMarking(mark)
  const clusters = useMemo(() => asClusters(homes), [homes])
  // Around the first ones, once they are all there.
  const [start, setStart] = useState<Box | null>(null)
  const around = start === null && !marked.pending ? boxAround(homes) : null
  if (around !== null) setStart(around)
  const onMark: Marking = (id, next, name) => {
    marking(id, next, name)
    if (next !== mark && id === search.sel) onChange({ sel: undefined })
  }
  const unfiltered = useMemo(() => ({ ...search, poly: undefined }), [search])
  const { label, say, none, will } = WORDS[mark]
  const hasMap = !failed && start !== null && ids.length > 0
  const rest = ids.length - shown
  const inSheet = narrow && hasMap
  const title = <ListHeading heading={heading}>{ids.length === 0 ? label : say(ids.length)}</ListHeading>
  const list = (
    <HomeList
      {...{ search, onChange, homes, hovered, heading, marks, onMark }} total={query.data === undefined ? undefined : ids.length} title={inSheet ? undefined : title}
      pending={query.isPending || (homes.length === 0 && marked.pending)} error={query.error ?? marked.error} onRetry={() => { if (query.isError) void query.refetch(); marked.retry() }} onHover={setHovered} leaves={(next) => next !== mark}
      more={rest > 0 ? { words: `Show ${count(Math.min(STEP, rest))} more`, busy: marked.pending, run: () => setShown(shown + STEP) } : null}
      order={ids.length > 1 && <span className={listStyles.quiet}>Marked last first</span>}
      notes={<Notes failed={failed} missing={marked.missing} incomplete={marked.error !== null && homes.length > 0} onRetry={marked.retry} />}
      empty={<EmptyState title={none} action={<Button onClick={() => onWhich(undefined)}>Show all homes</Button>}>{will}</EmptyState>}
    />
  )
  return (
    <Page title="Homes" fill numbers={[{ label, value: query.data === undefined ? '–' : count(ids.length) }]}>
      <div className={styles.page}>
        <div className={filterStyles.bar} role="group" aria-label="Which homes">
          <WhichHomes which={mark} marks={marks} onWhich={onWhich} />
          <span className={styles.about}>{mark === 'favourite' ? 'Your own, in every market' : 'Left out of your search, in every market'}</span>
        </div>
        <div className={styles.panes} data-map={hasMap ? 'there' : 'none'}>
          {hasMap && (
            <MapPane
              market={mark} search={unfiltered} only={clusters} withHidden extent={start} {...{ onChange, homes, hovered, marks, onMark }} onHover={setHovered} onMove={(box, zoom) => onChange({ bbox: box.join(','), z: zoom })}
              onFailed={() => setFailed(true)} onDraw={() => setStop('low')} onToList={() => { setStop('full'); heading.current?.focus() }}
            />
          )}
          {inSheet ? <Sheet label={label} title={title} stops={STOPS} stop={stop} onStop={setStop}>{list}</Sheet> : list}
        </div>
      </div>
    </Page>
  )
}

function Notes({ failed, missing, incomplete, onRetry }: { failed: boolean; missing: number; incomplete: boolean; onRetry: () => void }) {
  return (
    <>
      {failed && <p className={listStyles.note} role="status">This browser cannot draw the map, so the list has the page to itself.</p>}
      {incomplete && <p className={listStyles.note} role="alert"><span>Some of them could not be loaded</span><Button onClick={onRetry}>Retry</Button></p>}
      {missing > 0 && <p className={listStyles.note}>{missing === 1 ? 'One of them is' : `${count(missing)} of them are`} not stored any more.</p>}
    </>
  )
}
