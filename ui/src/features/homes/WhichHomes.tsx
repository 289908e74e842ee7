// All homes, or those alone that the reader has marked.
import { Menu } from '~/components/Menu'
import { count } from '~/format/numbers'
import type { Marks } from './marks'
import type { HomesUrl } from './url'

type Which = HomesUrl['marks']

interface Props {
  which: Which
  marks: Marks
  onWhich: (which: Which) => void
}

export function WhichHomes({ which, marks, onWhich }: Props) {
  const options = [[undefined, 'All homes'], ['favourite', `Favourites, ${count(marks.favourites.size)}`], ['hidden', `Hidden homes, ${count(marks.hidden.size)}`]] as const
  const words = { favourite: 'Favourites', hidden: 'Hidden homes' }
  return (
    <Menu label="Which homes" items={options.map(([one, label]) => ({ label, checked: one === which, run: () => onWhich(one) }))}>
      {which === undefined ? 'All homes' : words[which]}
    </Menu>
  )
}
