// Tables that are saved as files: their columns, and row by row what is in them.

export type Cell = string | number | boolean | null | undefined

/** What a column holds: days as `2026-01-31`, numbers, yes or no, texts. */
export type Kind = 'day' | 'number' | 'flag' | 'text'

export interface FileTable {
  columns: readonly (readonly [name: string, kind: Kind])[]
  /** As many cells in each as there are columns. */
  rows: readonly (readonly Cell[])[]
}
