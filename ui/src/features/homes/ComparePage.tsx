// Two to four homes side by side; what differs comes first.
import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, buttonClass, IconButton } from '~/components/Button'
import { CopyLink } from '~/components/CopyLink'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Chip } from '~/components/Tier'
import { plural } from '~/format/numbers'
import { Page } from '~/shell/Page'
import { copy } from '~/state/clipboard'
import { useNarrow } from '~/state/media'
import { toast } from '~/state/toasts'
import styles from './Compare.module.css'
import { asText, factsOfHomes } from './comparison'
import { homeQuery, type Home } from './home'
import type { CompareUrl } from './url'
import { lineOf } from './words'

interface Props {
  search: CompareUrl
  onChange: (change: Partial<CompareUrl>) => void
}

export function ComparePage({ search, onChange }: Props) {
  const ids = search.ids ?? []
  const narrow = useNarrow()
  const queries = useQueries({ queries: ids.map(homeQuery) })
  const toSearch = <Link to="/homes" search={{ ids: search.ids }} className={buttonClass('outline')}>Choose homes</Link>
  if (ids.length === 0) return <Page title="Compare"><EmptyState title="Nothing to compare yet" action={toSearch}>Tick two to four homes of the search; they stand here side by side.</EmptyState></Page>
  const found = queries.flatMap(({ data }) => data ?? [])
  // The pinned one stands first; the others keep the order in which they were chosen.
  const homes = [...found.filter(({ id }) => id === search.pin), ...found.filter(({ id }) => id !== search.pin)]
  const failed = queries.find(({ isError }) => isError)
  const facts = factsOfHomes(homes)
  const differing = facts.filter(({ differs }) => differs).length
  const copyTable = async () => {
    if (await copy(asText(homes.map((home) => ({ name: lineOf(home) })), facts))) toast('Table copied')
    else toast('The browser does not allow copying here', { look: 'error' })
  }
  const actions = <>{homes.length > 0 && <Button icon="note" onClick={() => void copyTable()}>Copy table</Button>}<CopyLink />{toSearch}</>
  return (
    <Page
      title="Compare" numbers={[{ label: 'Homes', value: homes.length }, { label: 'Differ in', value: plural(differing, 'fact') }]}
      actions={!narrow && actions}
    >
      {narrow && <div className={styles.actions}>{actions}</div>}
      {failed !== undefined && <ErrorState error={failed.error} what="One of the homes" onRetry={() => void failed.refetch()} />}
      {homes.length === 0 ? queries.some(({ isPending }) => isPending) && <Skeleton rows={10} label="Loading the homes" /> : (
        // The table scrolls sideways on a phone.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className={styles.scroll} tabIndex={0} role="region" aria-label="Comparison">
          <table className={styles.table}>
            <thead>
              <tr>
                <td />
                {homes.map((home) => <Head key={home.id} home={home} ids={ids} pinned={home.id === search.pin} onPin={() => onChange({ pin: home.id === search.pin ? undefined : home.id })} onRemove={() => onChange({ ids: ids.filter((id) => id !== home.id), pin: search.pin === home.id ? undefined : search.pin })} />)}
              </tr>
            </thead>
            <tbody>
              {facts.map(({ label, values, differs }, index) => (
                <tr key={label} data-differs={differs} data-first-same={!differs && index === differing}>
                  <th scope="row">{label}</th>
                  {values.map((value, column) => <td key={homes[column]?.id}>{value}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {homes.length > 1 && <p className={styles.foot}>Rows in bold differ. {differing < facts.length && 'Those below the line are the same for all.'}</p>}
    </Page>
  )
}

const GONE: Partial<Record<Home['status'], string>> = { closed: 'Sold meanwhile', pending: 'Pending', active_under_contract: 'Under contract', withdrawn: 'Withdrawn', expired: 'Expired', canceled: 'Canceled' }

function Head({ home, ids, pinned, onPin, onRemove }: { home: Home; ids: readonly string[]; pinned: boolean; onPin: () => void; onRemove: () => void }) {
  const gone = GONE[home.status]
  return (
    <th scope="col" data-pinned={pinned}>
      <Link to="/homes/$id" params={{ id: home.id }} search={{ ids: [...ids] }}>{lineOf(home)}</Link>
      <span className={styles.tools}>
        {gone !== undefined && <Chip look="warm">{gone}</Chip>}
        <IconButton icon="pin" label={pinned ? `Unpin ${lineOf(home)}` : `Pin ${lineOf(home)}`} aria-pressed={pinned} onClick={onPin} />
        <IconButton icon="close" label={`Remove ${lineOf(home)}`} onClick={onRemove} />
      </span>
    </th>
  )
}
