// A sheet from the foot of a phone's screen with three stops: dragged by its grip, or moved by choosing a stop.
import { useRef, useState, type PointerEvent, type ReactNode } from 'react'
import { Choice } from './Choice'
import styles from './Sheet.module.css'

/** By what is in sight: what lies behind the sheet, some of each, the sheet. */
export type Stop = 'low' | 'half' | 'full'

interface Props {
  label: string
  /** In the row of the grip, which is always in sight. */
  title: ReactNode
  /** What the stops are called. */
  stops: readonly (readonly [Stop, string])[]
  stop: Stop
  onStop: (stop: Stop) => void
  children: ReactNode
}

// Pixels: the row of the grip.
const LEAST = 60

export function Sheet({ label, title, stops, stop, onStop, children }: Props) {
  const sheet = useRef<HTMLElement>(null)
  const [dragged, setDragged] = useState<number | null>(null)
  const height = (event: PointerEvent) => (sheet.current?.getBoundingClientRect().bottom ?? 0) - event.clientY
  const onUp = (event: PointerEvent) => {
    if (dragged === null) return
    setDragged(null)
    const share = height(event) / (sheet.current?.parentElement?.clientHeight ?? 1)
    onStop(share < 0.3 ? 'low' : share < 0.75 ? 'half' : 'full')
  }
  const grip = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.target instanceof Element && event.target.closest('label') !== null) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setDragged(height(event))
    },
    onPointerMove: (event: PointerEvent) => { if (dragged !== null) setDragged(height(event)) },
    onPointerUp: onUp,
    onPointerCancel: onUp,
  }
  return (
    <section ref={sheet} className={styles.sheet} aria-label={label} data-stop={stop} style={dragged === null ? undefined : { height: Math.max(LEAST, dragged) }}>
      <div className={styles.grip} {...grip}>
        <span className={styles.bar} />
        {title}
        <Choice legend="In sight" hideLegend value={stop} options={stops} onChange={onStop} />
      </div>
      <div className={styles.content}>{children}</div>
    </section>
  )
}
