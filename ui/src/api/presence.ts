// Who looks at what now, as the live connection tells it, and where the reader is seen by the others.
import { useEffect } from 'react'
import { createStore, useStore } from '~/state/store'
import { counted } from './topics'

/** Ids of the users who look at a topic, the reader among them, and how many there are where not all are named. */
export interface Looking {
  users: readonly string[]
  total: number
}

export const looking = createStore<ReadonlyMap<string, Looking>>(new Map())

/** The topics that the pages in sight are about, with how many parts of them want to know who looks there. */
export const watched = createStore<ReadonlyMap<string, number>>(new Map())

// Who only passes by is neither told nor shown.
const REST = 500

/** Who looks at `lead:ID`, `listing:ID` or `market:SLUG`; the reader is shown there as long as the component is. */
export function useLooking(topic: string): Looking | undefined {
  useEffect(() => {
    let isThere = false
    const timer = setTimeout(() => {
      isThere = true
      watched.set((all) => counted(all, [topic], 1))
    }, REST)
    return () => {
      clearTimeout(timer)
      if (isThere) watched.set((all) => counted(all, [topic], -1))
    }
  }, [topic])
  return useStore(looking).get(topic)
}
