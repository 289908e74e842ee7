// Token colours for canvases, which know neither custom properties nor light-dark().
import { useSystemDark } from '~/state/media'
import { usePreferences } from '~/state/preferences'

/** The colour of a token, `colourOf('s1')`, as the browser computes it now. */
export function colourOf(token: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(--${token})`
  probe.hidden = true
  document.body.append(probe)
  const colour = getComputedStyle(probe).color
  probe.remove()
  return colour
}

/** A colour as it looks with less of it: `faded('rgb(14, 95, 85)', 0.2)`. */
export function faded(colour: string, share: number): string {
  return `color-mix(in srgb, ${colour} ${Math.round(share * 100)}%, transparent)`
}

/** The theme in force; what is drawn on a canvas is drawn again when it changes. */
export function useTheme(): 'light' | 'dark' {
  const { theme } = usePreferences()
  const dark = useSystemDark()
  return theme === 'system' ? (dark ? 'dark' : 'light') : theme
}
