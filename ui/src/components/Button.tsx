// Buttons and links that look like them. A button says what happens.
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { ariaKeys, shownKeys } from '~/keyboard/registry'
import styles from './Button.module.css'
import { Icon, type IconName } from './Icon'

type Look = 'plain' | 'primary' | 'danger' | 'outline'

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look
  icon?: IconName
  /** The shortcut that does the same; it is shown and told, not put in force. */
  keys?: string
  ref?: Ref<HTMLButtonElement>
}

export function Button({ look = 'outline', icon, keys, className, children, type = 'button', ...rest }: Props) {
  return (
    <button {...rest} type={type} className={buttonClass(look, className)} aria-keyshortcuts={keys === undefined ? undefined : ariaKeys(keys)}>
      {icon !== undefined && <Icon name={icon} size={16} />}
      {children}
      {keys !== undefined && <span className={styles.keys} aria-hidden="true">{shownKeys(keys)}</span>}
    </button>
  )
}

interface IconButtonProps extends Omit<Props, 'children' | 'icon'> {
  icon: IconName
  /** Its name; also the tooltip. */
  label: string
  children?: ReactNode
}

/** A square button with a picture; the label is its name. */
export function IconButton({ icon, label, look = 'plain', className, keys, ...rest }: IconButtonProps) {
  const title = keys === undefined ? label : `${label} (${shownKeys(keys)})`
  return (
    <button type="button" {...rest} aria-label={label} title={title} aria-keyshortcuts={keys === undefined ? undefined : ariaKeys(keys)} className={`${buttonClass(look, className)} ${styles.icon}`}>
      <Icon name={icon} />
    </button>
  )
}

/** The class for a link that looks like a button: `<Link className={buttonClass('primary')}>`. */
export function buttonClass(look: Look = 'outline', more?: string): string {
  return [styles.button, look === 'outline' ? undefined : styles[look], more].filter(Boolean).join(' ')
}
