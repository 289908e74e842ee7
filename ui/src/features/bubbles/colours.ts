// The colours of bubbles, from the tokens of the theme in force.
import { useMemo } from 'react'
import { colourOf, useTheme } from '~/components/colours'

/** A fill, and the words on it. */
export interface Shade {
  fill: string
  ink: string
}

export interface Shades {
  /** From little to much. */
  rising: Shade[]
  /** From well below nothing to well above. */
  changing: Shade[]
  /** For what nobody knows. */
  none: Shade
}

// How much of the colour is over the panel; at the darkest the words change sides.
const RISING = [0.12, 0.3, 0.5, 0.82, 1] as const
const CHANGING = [0.85, 0.35, 0, 0.35, 0.85] as const
const TURN = 0.8

export function useShades(): Shades {
  const theme = useTheme()
  // What the tokens are follows the theme.
  return useMemo(read, [theme])
}

function read(): Shades {
  const [panel, sunk, much, little, ink, turned] = ['panel', 'sunk', 's1', 's2', 'ink', 'on-accent'].map(colourOf) as [string, string, string, string, string, string]
  const shade = (colour: string, share: number): Shade => ({ fill: share === 0 ? sunk : mixed(colour, panel, share), ink: share >= TURN ? turned : ink })
  return {
    rising: RISING.map((share) => shade(much, share)),
    changing: CHANGING.map((share, at) => shade(at < 2 ? little : much, share)),
    none: { fill: panel, ink },
  }
}

/** Two colours as `rgb(r, g, b)`, the first with its share; the map library knows no `color-mix`. */
export function mixed(a: string, b: string, share: number): string {
  const [one, other] = [a, b].map((colour) => (colour.match(/[\d.]+/g) ?? []).map(Number))
  const part = (at: number) => Math.round((one?.[at] ?? 0) * share + (other?.[at] ?? 0) * (1 - share))
  return `rgb(${part(0)}, ${part(1)}, ${part(2)})`
}
