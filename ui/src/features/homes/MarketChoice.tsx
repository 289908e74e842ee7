// Which market is searched; not shown when there is one.
import { useQuery } from '@tanstack/react-query'
import { Menu } from '~/components/Menu'
import { marketsQuery } from './queries'

export function MarketChoice({ market, onChange }: { market: string; onChange: (market: string) => void }) {
  const { data } = useQuery(marketsQuery)
  if (data === undefined || data.items.length < 2) return null
  const name = data.items.find(({ slug }) => slug === market)?.name ?? market
  return <Menu label="Market" items={data.items.map((one) => ({ label: one.name, checked: one.slug === market, run: () => onChange(one.slug) }))}>{name}</Menu>
}
