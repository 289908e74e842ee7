// One home: what it is, what it is worth and how sure that is.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { useTopics } from '~/api/topics'
import { buttonClass } from '~/components/Button'
import { copyLink } from '~/components/CopyLink'
import { Later } from '~/components/Later'
import { Menu, type MenuItem } from '~/components/Menu'
import { ErrorState, Skeleton } from '~/components/states'
import { Heart, Hide } from '~/features/homes/MarkButtons'
import { markIn, useMarking, useMarks } from '~/features/homes/marks'
import { homeQuery } from '~/features/homes/home'
import { noteViewed } from '~/features/homes/viewed'
import { daysWords, factsOf, lineOf, priceWords, statusWords, townOf } from '~/features/homes/words'
import { Lookers } from '~/features/leads/Lookers'
import { Page } from '~/shell/Page'
import { useNarrow } from '~/state/media'
import { Comparables } from './Comparables'
import { CompareHome } from './CompareHome'
import { Contributions, EstimatePanel } from './EstimatePanel'
import { Facts, History } from './Facts'
import styles from './Home.module.css'
import { InterestedLeads } from './InterestedLeads'
import { estimateQuery } from './queries'
import { readChanges, writeChanges, type HomeUrl } from './url'
import { WhatIf } from './WhatIf'

// Below everything else, so that nothing moves when it comes.
const Analyses = lazy(() => import('./Analyses'))

interface Props {
  id: string
  search: HomeUrl
  onChange: (change: Partial<HomeUrl>) => void
}

export function HomePage({ id, search, onChange }: Props) {
  const { data: home } = useQuery(homeQuery(id))
  const { data: estimate, error, refetch } = useQuery(estimateQuery(id))
  const narrow = useNarrow()
  const mark = markIn(useMarks(), id)
  const onMark = useMarking()
  useEffect(() => {
    noteViewed(id)
  }, [id])
  useTopics([`listing:${id}`])
  if (home === undefined) return null
  const marking = { id, name: lineOf(home), mark, onMark }
  const share: MenuItem[] = [{ label: 'Copy link', icon: 'link', run: copyLink }, { label: 'Print report', icon: 'note', run: () => window.print() }]
  const hide: MenuItem = mark === 'hidden' ? { label: 'Show it again', icon: 'show', run: () => onMark(id, null, marking.name) } : { label: 'Hide it', icon: 'hide', run: () => onMark(id, 'hidden', marking.name) }
  const actions = (
    <>
      <Heart {...marking} />
      {!narrow && <Hide {...marking} />}
      <CompareHome id={id} ids={search.ids ?? []} onIds={(ids) => onChange({ ids: ids.length === 0 ? undefined : ids })} />
      <Link to="/homes" search={{ market: home.market, sel: id, ids: search.ids }} className={buttonClass('outline')}>On the map</Link>
      {narrow ? <Menu label="More for this home" icon="more" items={[hide, ...share]} /> : <Menu label="Share" items={share} />}
    </>
  )
  const facts = [factsOf(home), home.property_type].filter((part) => part != null && part !== '').join(', ')
  return (
    <Page
      title={lineOf(home)}
      numbers={[
        { label: home.status === 'closed' ? 'Sold for' : 'List price', value: priceWords(home) },
        { label: statusWords(home.status), value: daysWords(home) || townOf(home) },
        { label: facts, value: home.year_built == null ? townOf(home) : `Built ${home.year_built}` },
      ]}
      beside={<Lookers topic={`listing:${id}`} />}
      actions={!narrow && actions}
    >
      {narrow && <div className={styles.actions}>{actions}</div>}
      <div className={styles.page}>
        <div className={styles.column}>
          {error !== null && estimate === undefined ? <ErrorState error={error} what="The estimate" onRetry={() => void refetch()} />
            : estimate === undefined ? <Skeleton rows={6} label="Loading the estimate" />
            : (
              <>
                <EstimatePanel home={home} estimate={estimate} />
                <Contributions home={home} estimate={estimate} />
                {estimate.estimate !== null && (
                  <WhatIf home={home} value={estimate.estimate.value} changes={readChanges(search.what)} onChange={(changes) => onChange({ what: writeChanges(changes) })} />
                )}
              </>
            )}
          <History home={home} />
          <Facts home={home} />
        </div>
        <div className={styles.column}>
          {estimate !== undefined && <Comparables estimate={estimate} ids={search.ids} without={search.without ?? []} onWithout={(without) => onChange({ without: without.length === 0 ? undefined : without })} />}
          <InterestedLeads home={home} />
          <Later><Suspense><Analyses id={id} /></Suspense></Later>
        </div>
      </div>
    </Page>
  )
}
