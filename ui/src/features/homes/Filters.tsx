// The bar of filters over the search. Every choice goes to the address at once.
import { useEffect, useState, type ReactNode } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { SelectField, TextField } from '~/components/Field'
import { Popover } from '~/components/Popover'
import { count, moneyShort } from '~/format/numbers'
import { sentence } from '~/format/words'
import { conditionsOf, spanWords } from './filters'
import styles from './Filters.module.css'
import { Histogram } from './Histogram'
import { readSpan, sorts, statuses, writeSpan, type HomesUrl, type Span } from './url'

type Facet = Schema<'FacetOut'>

interface Props {
  search: HomesUrl
  onChange: (change: Partial<HomesUrl>) => void
  facets: Partial<Record<string, Facet[]>>
  histogram: readonly Facet[] | null
  /** Before the filters. */
  start?: ReactNode
  children?: ReactNode
}

/** Types of homes by RESO; those that the market has are added with their counts. */
const TYPES = ['Condominium', 'Multi Family', 'Single Family Residence', 'Townhouse'] as const

export function Filters({ search, onChange, facets, histogram, start, children }: Props) {
  const clear = () => onChange(Object.fromEntries(conditionsOf(search).map(({ name }) => [name, undefined])))
  const price = readSpan(search.price)
  const beds = readSpan(search.beds)
  const more = [search.baths, search.area, search.built].filter((part) => part !== undefined).length
  return (
    <div className={styles.bar} role="search" aria-label="Homes">
      {start}
      <Text value={search.q} onChange={(q) => onChange({ q, sort: q === undefined && search.sort === 'relevance' ? undefined : search.sort })} />
      <Popover button={price === undefined ? 'Price' : spanWords(price, (n) => moneyShort(n))} label="Price" set={price !== undefined}>
        <Histogram buckets={histogram} chosen={price} onChoose={(span) => onChange({ price: writeSpan(span) })} />
        <SpanFields unit="$" value={price} onChange={(span) => onChange({ price: span === undefined ? undefined : writeSpan(span) })} />
      </Popover>
      <Popover button={beds === undefined ? 'Beds' : `${spanWords(beds, String)} bd`} label="Bedrooms" set={beds !== undefined}>
        <SpanFields unit="bedrooms" value={beds} onChange={(span) => onChange({ beds: span === undefined ? undefined : writeSpan(span) })} />
      </Popover>
      <Popover button={search.type === undefined ? 'Type' : search.type.length === 1 ? search.type[0] : `${search.type.length} types`} label="Type" set={search.type !== undefined}>
        <Ticks legend="Type of home" options={typesOf(facets.property_type, search.type)} chosen={search.type} counts={facets.property_type} onChange={(type) => onChange({ type })} write={(one) => one} />
      </Popover>
      <Popover button={search.status === undefined ? 'For sale' : search.status.map(sentence).join(', ')} label="Status" set={search.status !== undefined}>
        <Ticks legend="Status; active when none is chosen" options={statuses} chosen={search.status} counts={facets.status} onChange={(status) => onChange({ status })} write={sentence} />
      </Popover>
      <Popover button={more === 0 ? 'More' : `More, ${more} set`} label="More filters" set={more > 0}>
        <div className={styles.more}>
          <SpanFields legend="Bathrooms" unit="bathrooms" value={readSpan(search.baths)} onChange={(span) => onChange({ baths: span === undefined ? undefined : writeSpan(span) })} />
          <SpanFields legend="Living area, sqft" unit="sqft" value={readSpan(search.area)} onChange={(span) => onChange({ area: span === undefined ? undefined : writeSpan(span) })} />
          <SpanFields legend="Year built" unit="year" value={readSpan(search.built)} onChange={(span) => onChange({ built: span === undefined ? undefined : writeSpan(span) })} />
        </div>
      </Popover>
      {conditionsOf(search).length > 0 && <Button look="plain" icon="close" onClick={clear}>Clear</Button>}
      <span className={styles.end}>{children}</span>
    </div>
  )
}

/** The order of the list. */
export function Sort({ search, onChange }: Pick<Props, 'search' | 'onChange'>) {
  const words: Record<(typeof sorts)[number], string> = { newest: 'Newest', price: 'Lowest price', '-price': 'Highest price', estimate_gap: 'Most below its estimate', relevance: 'Best match of words' }
  const offered = sorts.filter((one) => one !== 'relevance' || search.q !== undefined)
  return (
    <div className={styles.sort}>
      <SelectField label="Order" value={search.sort ?? 'newest'} onChange={(event) => onChange({ sort: sorts.find((one) => one === event.target.value && one !== 'newest') })}>
        {offered.map((one) => <option key={one} value={one}>{words[one]}</option>)}
      </SelectField>
    </div>
  )
}

function typesOf(facets: readonly Facet[] | undefined, chosen: readonly string[] | undefined): string[] {
  return [...new Set([...TYPES, ...(facets ?? []).map(({ value }) => String(value)), ...(chosen ?? [])])].sort()
}

/** Words in address and remarks; asked for when typing pauses. */
function Text({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const [typed, setTyped] = useState(value ?? '')
  useEffect(() => {
    setTyped(value ?? '')
  }, [value])
  const asked = typed.trim() === '' ? undefined : typed.trim()
  useEffect(() => {
    if (asked === value) return
    const timer = setTimeout(() => onChange(asked), 300)
    return () => clearTimeout(timer)
    // Only typing starts the pause; the function of the page is new with each paint.
  }, [asked, value])
  return <input className={styles.text} type="search" aria-label="Words in address and remarks" placeholder="Words, such as garden" value={typed} onChange={(event) => setTyped(event.target.value)} />
}

interface SpanProps {
  legend?: string
  unit: string
  value: Span | undefined
  onChange: (value: Span | undefined) => void
}

/** From and to; taken over when the field is left or Enter is pressed. */
function SpanFields({ legend, unit, value, onChange }: SpanProps) {
  const take = (end: 'min' | 'max', text: string) => {
    const n = Number(text.replaceAll(/[,$\s]/g, '').replace(/k$/i, '000').replace(/m$/i, '000000'))
    const next: Span = { ...value, [end]: text.trim() === '' || !Number.isFinite(n) || n < 0 ? undefined : n }
    const { min, max } = next
    const ordered = min !== undefined && max !== undefined && min > max ? { min: max, max: min } : next
    if (ordered.min === value?.min && ordered.max === value?.max) return
    onChange(ordered.min === undefined && ordered.max === undefined ? undefined : ordered)
  }
  const field = (end: 'min' | 'max', label: string) => (
    <TextField
      key={value?.[end] ?? 'open'} label={label} inputMode="decimal" placeholder="any" defaultValue={value?.[end] === undefined ? '' : unit === 'year' ? value[end] : count(value[end])}
      onBlur={(event) => take(end, event.target.value)} onKeyDown={(event) => { if (event.key === 'Enter') take(end, event.currentTarget.value) }}
    />
  )
  return (
    <fieldset className={styles.span}>
      <legend className={legend === undefined ? 'unseen' : undefined}>{legend ?? unit}</legend>
      {field('min', 'From')}
      {field('max', 'To')}
    </fieldset>
  )
}

interface TicksProps<T extends string> {
  legend: string
  options: readonly T[]
  chosen: readonly T[] | undefined
  counts: readonly Facet[] | undefined
  onChange: (chosen: T[] | undefined) => void
  write: (option: T) => string
}

function Ticks<T extends string>({ legend, options, chosen = [], counts = [], onChange, write }: TicksProps<T>) {
  const toggle = (option: T, on: boolean) => {
    const next = options.filter((one) => (one === option ? on : chosen.includes(one)))
    onChange(next.length === 0 ? undefined : next)
  }
  return (
    <fieldset className={styles.ticks}>
      <legend>{legend}</legend>
      {options.map((option) => {
        const found = counts.find(({ value }) => value === option)
        return (
          <label key={option}>
            <input type="checkbox" checked={chosen.includes(option)} onChange={(event) => toggle(option, event.target.checked)} />
            <span>{write(option)}</span>
            {found !== undefined && <span className={styles.count}>{count(found.count)}</span>}
          </label>
        )
      })}
    </fieldset>
  )
}
