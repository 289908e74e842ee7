// A modal dialog on the native element: it keeps the focus inside and gives it back.
import { useEffect, useId, useRef, type ReactNode } from 'react'
import { IconButton } from './Button'
import styles from './Dialog.module.css'

interface Props {
  title: string
  onClose: () => void
  children: ReactNode
  /** Buttons at the foot; the one that does it last. */
  foot?: ReactNode
  /** Width on a wide screen, in pixels. */
  width?: number
  /** No visible heading and no padding: the content brings its own, as the palette does. */
  bare?: boolean
}

/** Open as long as it is rendered. Escape, the cross and a click beside it call `onClose`. */
export function Dialog({ title, onClose, children, foot, width, bare = false }: Props) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    if (dialog === null) return
    if (!dialog.open) dialog.showModal()
    firstField(dialog)?.focus()
    return () => dialog.close()
  }, [])
  const style = width === undefined ? undefined : ({ '--width': `${width}px` } as React.CSSProperties)
  return (
    // The click beside the dialog has the keyboard's Escape as its equal.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={ref} className={`${styles.dialog} ${bare ? styles.high : ''}`} style={style} aria-labelledby={bare ? undefined : id} aria-label={bare ? title : undefined}
      onCancel={(event) => { event.preventDefault(); onClose() }}
      onClick={(event) => { if (event.target === ref.current) onClose() }}
    >
      {!bare && (
        <div className={styles.head}>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </div>
      )}
      {bare ? children : <div className={styles.body}>{children}</div>}
      {foot !== undefined && <div className={styles.foot}>{foot}</div>}
    </dialog>
  )
}

/** Where one goes on: the first empty field, or the first. Without any, the browser's choice is the cross. */
function firstField(dialog: HTMLElement): HTMLElement | undefined {
  const fields = [...dialog.querySelectorAll<HTMLInputElement>('input:not([type=hidden], [type=radio], [type=checkbox], :disabled), textarea, select')]
  return fields.find((field) => field.value === '') ?? fields[0]
}
