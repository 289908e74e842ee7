// A sheet from the foot of a phone's screen with three stops: dragged by its grip, moved by its buttons.
import { useRef, useState, type PointerEvent, type ReactNode } from 'react'
import { IconButton } from './Button'
import styles from './Sheet.module.css'

const stops = ['low', 'half', 'full'] as const
export type Stop = (typeof stops)[number]

interface Props {
  label: string
  stop: Stop
  onStop: (stop: Stop) => void
  children: ReactNode
}

export function Sheet({ label, stop, onStop, children }: Props) {
  const sheet = useRef<HTMLElement>(null)
  const [dragged, setDragged] = useState<number | null>(null)
  const at = stops.indexOf(stop)
  const go = (by: number) => onStop(stops[Math.max(0, Math.min(stops.length - 1, at + by))] ?? stop)
  const height = (event: PointerEvent) => (sheet.current?.getBoundingClientRect().bottom ?? 0) - event.clientY
  const onUp = (event: PointerEvent) => {
    if (dragged === null) return
    setDragged(null)
    const share = height(event) / (sheet.current?.parentElement?.clientHeight ?? 1)
    onStop(share < 0.3 ? 'low' : share < 0.75 ? 'half' : 'full')
  }
  const grip = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.target instanceof Element && event.target.closest('button') !== null) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setDragged(height(event))
    },
    onPointerMove: (event: PointerEvent) => { if (dragged !== null) setDragged(height(event)) },
    onPointerUp: onUp,
    onPointerCancel: onUp,
  }
  return (
    <section ref={sheet} className={styles.sheet} aria-label={label} data-stop={stop} style={dragged === null ? undefined : { height: Math.max(64, dragged) }}>
      <div className={styles.grip} {...grip}>
        <span className={styles.bar} />
        <IconButton icon="up" label="Show more of the list" disabled={at === stops.length - 1} onClick={() => go(1)} />
        <IconButton icon="down" label="Show more of the map" disabled={at === 0} onClick={() => go(-1)} />
      </div>
      <div className={styles.content}>{children}</div>
    </section>
  )
}
