// Tables as CSV (RFC 4180) that spreadsheets open without running anything.
import type { Cell } from './table'

/** Rows with their heading; numbers as they are, texts in quotes where they need them. */
export function csv(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [heading, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n'
}

function cell(value: Cell): string {
  if (value == null) return ''
  if (typeof value !== 'string') return String(value)
  // A text that begins like a formula would be run by a spreadsheet; the apostrophe makes it a text again.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
