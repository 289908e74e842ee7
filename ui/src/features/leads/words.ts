// What leads want and do, in words.
import type { Schema } from '~/api/client'
import { count, moneyShort, plural } from '~/format/numbers'
import { span } from '~/format/time'
import { sentence } from '~/format/words'

type Kind = Schema<'InteractionKind'>

const doing: Record<Exclude<Kind, 'other'>, string> = {
  email_open: 'Opened an e-mail',
  link_click: 'Followed a link',
  form_submit: 'Sent a form',
  call_answered: 'Call answered',
  call_missed: 'Call not answered',
  listing_view: 'Viewed a home',
  listing_save: 'Saved a home',
  listing_hide: 'Hid a home',
  listing_share: 'Shared a home',
  search: 'Searched',
  site_visit: 'Visited the site',
  message_in: 'Wrote to us',
  message_out: 'We wrote',
  showing_requested: 'Asked for a showing',
  showing: 'Was shown a home',
  offer: 'Made an offer',
  note: 'Note',
}

const withHome: Partial<Record<Kind, string>> = {
  listing_view: 'Viewed', listing_save: 'Saved', listing_hide: 'Hid', listing_share: 'Shared',
  showing_requested: 'Asked for a showing of', showing: 'Was shown', offer: 'Made an offer for',
}

/** What was done; with a home, the words that its address follows. */
export function did(item: Pick<Schema<'TimelineOut'>, 'kind' | 'listing_id' | 'properties'>): string {
  if (item.kind === 'other') return sentence(typeof item.properties.name === 'string' ? item.properties.name : 'other')
  return (item.listing_id == null ? undefined : withHome[item.kind]) ?? doing[item.kind]
}

/** What else is known of it: `50 s`, `325 results`. */
export function detail({ kind, properties }: Pick<Schema<'TimelineOut'>, 'kind' | 'properties'>): string | null {
  if (typeof properties.seconds === 'number') return span(properties.seconds * 1000)
  if (kind === 'search' && typeof properties.results === 'number') return plural(properties.results, 'result')
  return null
}

/** The text of a message, note or call. */
export function wrote({ properties }: Pick<Schema<'TimelineOut'>, 'properties'>): string | null {
  const found = ['text', 'body', 'message', 'note', 'subject'].map((name) => properties[name]).find((value) => typeof value === 'string' && value.trim() !== '')
  return typeof found === 'string' ? found : null
}

/** Whether a note says nothing any more. */
export function isDeleted({ kind, properties }: Pick<Schema<'TimelineOut'>, 'kind' | 'properties'>): boolean {
  return kind === 'note' && properties.body === undefined && typeof properties.deleted_by === 'string'
}

type Range = { min?: number | null; max?: number | null } | null | undefined

/** `3+`, `up to 4`, `2 to 4`, `3` */
export function range(values: Range, write: (value: number) => string = count): string | null {
  const { min, max } = values ?? {}
  if (min != null && max != null) return min === max ? write(min) : `${write(min)} to ${write(max)}`
  if (min != null) return `${write(min)}+`
  return max == null ? null : `up to ${write(max)}`
}

/** What somebody looks for, in one line: `up to $755K, 3+ bd, single family residence`. */
export function wishes({ price, bedrooms, bathrooms, property_types: types = [], keywords = [] }: Schema<'Preferences'>, currency = 'USD'): string {
  const [beds, baths] = [range(bedrooms), range(bathrooms)]
  const parts = [
    range(price, (amount) => moneyShort(amount, currency)),
    beds === null ? null : `${beds} bd`,
    baths === null ? null : `${baths} ba`,
    ...types.map((type) => type.toLowerCase()),
    ...keywords,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

/** `loan_approved: 1` → `Loan approved: 1` */
export function readable(label: string): string {
  const text = label.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
