// A row that a finger moves aside to do something with it. What it does has to be on a button, too.
import { useRef, useState, type MouseEvent, type PointerEvent, type ReactNode } from 'react'
import { Icon, type IconName } from './Icon'
import styles from './Swipe.module.css'

export interface SwipeSide {
  label: string
  icon: IconName
  run: () => void
}

interface Props {
  /** Done by moving the row towards the end of the line. */
  start: SwipeSide
  /** Done by moving it towards the start. */
  end: SwipeSide
  children: ReactNode
}

// How far, in pixels, the finger goes before the row follows, and before letting go does it.
const SLOP = 12
const FAR = 96

/** Lies over its nearest positioned ancestor, which is the row. */
export function Swipe({ start, end, children }: Props) {
  const from = useRef<number | null>(null)
  const swiped = useRef(false)
  const [moved, setMoved] = useState(0)
  const side = moved > 0 ? start : end
  const down = (event: PointerEvent) => {
    swiped.current = false
    from.current = event.pointerType === 'touch' ? event.clientX : null
  }
  const move = (event: PointerEvent) => {
    if (from.current === null) return
    const by = event.clientX - from.current
    if (moved === 0 && Math.abs(by) < SLOP) return
    if (moved === 0) event.currentTarget.setPointerCapture(event.pointerId)
    swiped.current = true
    setMoved(by)
  }
  const up = () => {
    from.current = null
    setMoved(0)
    if (Math.abs(moved) >= FAR) side.run()
  }
  const cancel = () => {
    from.current = null
    setMoved(0)
  }
  // A finger that has moved the row has not pressed it.
  const click = (event: MouseEvent) => {
    if (!swiped.current) return
    swiped.current = false
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className={styles.swipe} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={cancel} onClickCapture={click}>
      {moved !== 0 && (
        <div className={styles.under} data-side={moved > 0 ? 'start' : 'end'} data-far={Math.abs(moved) >= FAR} aria-hidden="true">
          <Icon name={side.icon} /> {side.label}
        </div>
      )}
      <div className={styles.front} style={moved === 0 ? undefined : { transform: `translateX(${moved}px)`, background: 'var(--page)' }}>{children}</div>
    </div>
  )
}
