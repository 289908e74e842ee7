// The present, as the whole page agrees on it; it moves on every half minute.
import { createStore, useStore } from './store'

const present = createStore(new Date())
setInterval(() => present.set(new Date()), 30_000)

export function useNow(): Date {
  return useStore(present)
}
