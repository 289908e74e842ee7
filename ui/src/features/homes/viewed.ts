// Homes that were opened in this browser, for the look of their pills.
import { createStore } from '~/state/store'

const NAME = 'lintel.viewed-homes'
const MOST = 500

export const viewedHomes = createStore<ReadonlySet<string>>(read())

export function noteViewed(id: string): void {
  if (viewedHomes.get().has(id)) return
  viewedHomes.set((all) => new Set([...all, id].slice(-MOST)))
  try {
    localStorage.setItem(NAME, JSON.stringify([...viewedHomes.get()]))
  } catch {
    // Without storage it lasts as long as the page.
  }
}

function read(): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? '[]')
    return new Set(Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [])
  } catch {
    return new Set()
  }
}
