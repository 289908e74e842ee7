// The band of a lead, and chips for other states: always a word, never a colour alone.
import type { ReactNode } from 'react'
import type { Schema } from '~/api/client'
import styles from './Tier.module.css'

const words = { hot: 'Hot', warm: 'Warm', cool: 'Cool' } as const

export function Tier({ tier }: { tier: Schema<'Tier'> }) {
  return <Chip look={tier}>{words[tier]}</Chip>
}

export function Chip({ look = 'neutral', children }: { look?: 'hot' | 'warm' | 'cool' | 'ok' | 'neutral'; children: ReactNode }) {
  return <span className={`${styles.chip} ${styles[look]}`}>{children}</span>
}
