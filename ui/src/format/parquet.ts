// Tables as Apache Parquet, for those who analyse them with other tools; fetched when one is asked for.
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { Cell, FileTable, Kind } from './table'

const types: Record<Kind, Pick<SchemaElement, 'type' | 'converted_type'>> = {
  day: { type: 'INT32', converted_type: 'DATE' },
  number: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
}

/** The file; a value that is not there is null. */
export function parquet({ columns, rows }: FileTable): ArrayBuffer {
  return parquetWriteBuffer({
    schema: [{ name: 'table', num_children: columns.length }, ...columns.map(([name, kind]) => ({ name, repetition_type: 'OPTIONAL' as const, ...types[kind] }))],
    columnData: columns.map(([name, kind], at) => ({ name, data: rows.map((row) => value(row[at], kind)) })),
  })
}

function value(cell: Cell, kind: Kind) {
  if (cell == null) return null
  return kind === 'day' && typeof cell === 'string' ? new Date(cell) : cell
}
