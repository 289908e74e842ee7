// One saved search beside the list: what it would have told of, how often it tells, and what can be done with it.
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Schema } from '~/api/client'
import { Button, buttonClass, IconButton } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { refused } from '~/components/Refusal'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Chip } from '~/components/Tier'
import { Time } from '~/components/Time'
import { factsOf, lineOf, priceWords } from '~/features/homes/words'
import { LeadLink } from '~/features/tasks/LeadLink'
import { count, plural } from '~/format/numbers'
import { toast } from '~/state/toasts'
import { inHomes } from './inHomes'
import { patchSearch, recentQuery, searchQuery, type SavedSearch, type SearchPatch } from './queries'
import styles from './Searches.module.css'
import { cadences, conditions, whyFound } from './words'

interface Props {
  id: string
  days: number
  onDays: (days: number) => void
  canChange: boolean
  onEdit: (search: SavedSearch) => void
  onDelete: (search: SavedSearch) => void
  onClose: () => void
}

export function SearchPanel(props: Props) {
  const { data, error, refetch } = useQuery(searchQuery(props.id))
  return (
    // The panel scrolls and may hold nothing that takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <aside className={styles.panel} aria-label={data?.name ?? 'Saved search'} tabIndex={0}>
      <div className={styles.head}>
        <div>
          <h2>{data?.name ?? 'Saved search'}</h2>
          <p className={styles.quiet}>{data === undefined ? ' ' : conditions(data.filters)}</p>
        </div>
        <IconButton icon="close" label="Close" keys="esc" onClick={props.onClose} />
      </div>
      {error !== null ? <ErrorState error={error} what="The saved search" onRetry={() => void refetch()} />
        : data === undefined ? <Skeleton rows={6} label="Loading the saved search" />
        : <Shown key={data.id} search={data} {...props} />}
    </aside>
  )
}

function Shown({ search, days, onDays, canChange, onEdit, onDelete }: { search: SavedSearch } & Props) {
  const change = useChange(search)
  const news = useSeen(search, canChange)
  const homes = inHomes(search)
  return (
    <>
      <div className={styles.buttons}>
        {canChange && <Button icon="edit" keys="e" onClick={() => onEdit(search)}>Change</Button>}
        {canChange && <Button keys="p" onClick={() => void change({ paused: !search.paused }, search.paused ? 'It watches the market again' : 'Paused')}>{search.paused ? 'Resume' : 'Pause'}</Button>}
        {homes !== null && <Link to="/homes" search={homes} className={buttonClass('outline')}>Show on the map</Link>}
        {canChange && <IconButton icon="remove" label={`Delete ${search.name}`} onClick={() => onDelete(search)} />}
      </div>
      <dl className={styles.facts}>
        <div><dt>Finds now</dt><dd>{plural(search.match_count, 'home')}</dd></div>
        <div><dt>Last told of</dt><dd>{search.last_alerted_at == null ? 'never' : <Time at={search.last_alerted_at} />}</dd></div>
        <div><dt>For</dt><dd>{search.lead_id == null ? 'the team' : <LeadLink id={search.lead_id} />}</dd></div>
      </dl>
      {canChange && <Choice legend="Tell of what it finds" value={search.cadence} options={cadences} onChange={(cadence) => void change({ cadence }, 'Changed')} />}
      {search.paused && <p className={styles.paused}>Paused: it does not watch the market, and what happens meanwhile is no news.</p>}
      <Recent search={search} days={days} onDays={onDays} news={news} onEdit={canChange ? () => onEdit(search) : undefined} />
    </>
  )
}

interface News {
  n: number
  since: string
}

/** What was new when the panel opened. The server is told that somebody has looked, once. */
function useSeen(search: SavedSearch, canChange: boolean): News | null {
  const client = useQueryClient()
  const [news] = useState<News | null>(search.new_since > 0 ? { n: search.new_since, since: search.seen_at } : null)
  const told = useRef(false)
  useEffect(() => {
    if (!canChange || told.current || search.new_since === 0) return
    told.current = true
    // Whether it was noted is nothing that the reader has to act on.
    patchSearch(client, search, { seen: true }).catch(() => undefined)
  }, [client, search, canChange])
  return news
}

function useChange(search: SavedSearch) {
  const client = useQueryClient()
  const failed = (error: unknown) => toast(refused(error, 'The search'), { look: 'error' })
  return async (patch: SearchPatch, what: string) => {
    const back: SearchPatch = { cadence: search.cadence, paused: search.paused }
    try {
      const now = await patchSearch(client, search, patch)
      toast(what, { undo: () => void patchSearch(client, now, back).catch(failed) })
    } catch (error) {
      failed(error)
    }
  }
}

interface RecentProps {
  search: SavedSearch
  days: number
  onDays: (days: number) => void
  news: News | null
  onEdit?: () => void
}

/** The test: what it would have told of in the last days. */
function Recent({ search, days, onDays, news, onEdit }: RecentProps) {
  const { data, error, refetch } = useQuery({ ...recentQuery(search.id, days), placeholderData: keepPreviousData })
  return (
    <section className={styles.recent} aria-label="What it would have told of">
      <div className={styles.test}>
        <h3>{data === undefined ? 'What it would have told of' : `${count(data.items.length)}${data.is_cut ? ' or more' : ''} in the last ${days} days`}</h3>
        <Choice legend="Days to look back" hideLegend value={String(days)} options={[['7', '7'], ['30', '30'], ['90', '90 days']]} onChange={(next) => onDays(Number(next))} />
      </div>
      {news !== null && <p className={styles.news}>{plural(news.n, 'home')} new since somebody looked, <Time at={news.since} /></p>}
      {error !== null ? <ErrorState error={error} what="What it would have told of" onRetry={() => void refetch()} />
        : data === undefined ? <Skeleton rows={6} label="Looking back" />
        : data.items.length > 0 ? <ul>{data.items.map((item) => <Found key={`${item.listing.id} ${item.at}`} item={item} isNew={news !== null && item.at > news.since} />)}</ul>
        : search.match_count === 0 && search.last_alerted_at == null
          ? <EmptyState title="Never matched" action={onEdit !== undefined && <Button icon="edit" onClick={onEdit}>Change the search</Button>}>No home on the market passes it, and none did in the last {days} days. A wider price or one condition less may help.</EmptyState>
          : <p className={styles.quiet}>Nothing came on the market, got cheaper or came back. {plural(search.match_count, 'home')} that passed before {search.match_count === 1 ? 'is' : 'are'} still there.</p>}
    </section>
  )
}

function Found({ item: { listing, why, at }, isNew }: { item: Schema<'RecentItem'>; isNew: boolean }) {
  return (
    <li className={styles.found} data-new={isNew}>
      <Link to="/homes/$id" params={{ id: listing.id }}>{lineOf(listing)}</Link>
      <b>{priceWords(listing)}</b>
      <span className={styles.why}><Chip look={why === 'new' ? 'ok' : why === 'price_drop' ? 'warm' : 'cool'}>{whyFound[why]}</Chip>{factsOf(listing)}</span>
      <span className={styles.quiet}><Time at={at} /></span>
    </li>
  )
}
