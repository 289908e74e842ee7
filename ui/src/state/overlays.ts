// Which of the overlays that belong to the whole UI is open.
import { createStore } from './store'

export const paletteOpen = createStore(false)
export const helpOpen = createStore(false)
