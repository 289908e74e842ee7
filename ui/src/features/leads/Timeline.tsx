// What a lead did and what was done towards it, newest first.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { ErrorState, Skeleton } from '~/components/states'
import { Time } from '~/components/Time'
import { MergeEntry } from './MergeEntry'
import { mergesQuery, type Merged } from './merges'
import { Note } from './Note'
import { usePeople, type Person } from './people'
import { homeQuery, timelineQuery } from './queries'
import styles from './Timeline.module.css'
import type { Doing } from './url'
import { detail, did, wrote } from './words'

type Item = Schema<'TimelineOut'>

interface Props {
  id: string
  /** So many at first, and with each "More". */
  limit: number
  only?: readonly Doing[]
  /** Whether it says what was merged into the lead, where everything is told. */
  merges?: boolean
}

export function Timeline({ id, limit, only, merges = false }: Props) {
  const people = usePeople()
  const { data: merged } = useQuery({ ...mergesQuery(id), enabled: merges })
  const { data, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({ ...timelineQuery(id, limit, only), placeholderData: only === undefined ? undefined : keepPreviousData })
  if (isPending) return <Skeleton rows={6} label="Loading the timeline" />
  if (error !== null) return <ErrorState error={error} what="The timeline" onRetry={() => void refetch()} />
  const items = data.pages.flatMap((page) => page.items)
  const told = only === undefined || only.length === 0 ? (merged?.items ?? []) : []
  if (items.length === 0 && told.length === 0) return <p className={styles.quiet}>{only === undefined || only.length === 0 ? 'Nothing has happened yet.' : 'Nothing of this kind has happened.'}</p>
  return (
    <>
      <ol className={styles.timeline}>
        {woven(items, told, hasNextPage).map((one) => ('kind' in one ? <Entry key={one.id} lead={id} item={one} people={people} /> : <MergeEntry key={one.id} merged={one} />))}
      </ol>
      {hasNextPage && <Button look="plain" className={styles.more} disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>More</Button>}
    </>
  )
}

/** Both, the latest first; of merges those behind the last item come with the rest of the items. */
export function woven(items: readonly Item[], merges: readonly Merged[], hasMore: boolean): (Item | Merged)[] {
  const last = items.at(-1)
  const shown = hasMore && last !== undefined ? merges.filter(({ at }) => new Date(at) >= new Date(last.at)) : merges
  const time = ({ at }: Item | Merged) => new Date(at).getTime()
  return shown.length === 0 ? [...items] : [...items, ...shown].sort((a, b) => time(b) - time(a))
}

function Entry({ lead, item, people }: { lead: string; item: Item; people: readonly Person[] }) {
  if (item.kind === 'note') return <li><Time at={item.at} /><Note lead={lead} item={item} people={people} /></li>
  const text = wrote(item)
  const more = detail(item)
  return (
    <li>
      <Time at={item.at} />
      <span>
        {did(item)}{item.listing_id != null && <> <HomeName id={item.listing_id} /></>}{more !== null && `, ${more}`}
        {text !== null && <q className={styles.text}>{text}</q>}
      </span>
    </li>
  )
}

/** The address of a home; it appears when it is known. */
export function HomeName({ id }: { id: string }) {
  const { data, isError } = useQuery({ ...homeQuery(id), retry: false })
  if (isError) return <>a home that is gone</>
  return <Link to="/homes/$id" params={{ id }} className={styles.home}>{data === undefined ? '…' : (data.address.line ?? data.listing_key)}</Link>
}
