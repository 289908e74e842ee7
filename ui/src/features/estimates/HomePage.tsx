// One home: what it is, what it is worth and how sure that is.
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { homeQuery } from '~/features/homes/queries'
import { noteViewed } from '~/features/homes/viewed'
import { factsOf, lineOf, priceWords } from '~/features/homes/words'
import { Page } from '~/shell/Page'

export function HomePage({ id }: { id: string }) {
  const { data: home } = useQuery(homeQuery(id))
  useEffect(() => noteViewed(id), [id])
  if (home === undefined) return null
  return (
    <Page title={lineOf(home)} numbers={[{ label: 'Price', value: priceWords(home) }, { label: 'Home', value: factsOf(home) }]}>
      <p>{home.remarks}</p>
    </Page>
  )
}
