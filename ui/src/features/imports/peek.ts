// A look into a file before it is sent: its columns and first rows.

export interface Peek {
  columns: string[]
  rows: { line: number; cells: string[] }[]
}

const BYTES = 512 * 1024
const MARKS = [',', ';', '\t', '|']

/** The first rows of a delimited text, plain or packed with gzip; null for what a browser cannot read, such as a workbook. */
export async function peek(file: File, most: number): Promise<Peek | null> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  const [a, b] = head
  // Workbooks are zip archives; zstd has no decoder in browsers.
  if ((a === 0x50 && b === 0x4b) || (a === 0x28 && b === 0xb5)) return null
  const text = a === 0x1f && b === 0x8b ? await unzipped(file) : await file.slice(0, BYTES).text()
  return text === null || text.includes('\u0000') ? null : rowsOf(text, most)
}

async function unzipped(file: File): Promise<string | null> {
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (text.length < BYTES) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
    }
    return text
  } catch {
    return null
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Reads rows with their physical lines; quotes may hold marks and line ends (RFC 4180). */
export function rowsOf(source: string, most: number): Peek {
  const text = source.replace(/^\uFEFF/, '')
  const first = text.slice(0, text.search(/\r?\n|$/))
  const mark = MARKS.reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best), ',')
  const rows: Peek['rows'] = []
  let [cells, cell, quoted, line, start] = [[] as string[], '', false, 1, 1]
  const end = () => {
    cells.push(cell)
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: start, cells })
    ;[cells, cell] = [[], '']
  }
  for (let at = 0; at < text.length && rows.length <= most; at += 1) {
    const sign = text.charAt(at)
    if (sign === '\n') line += 1
    if (quoted) {
      if (sign !== '"') cell += sign
      else if (text.charAt(at + 1) === '"') {
        cell += '"'
        at += 1
      } else quoted = false
    } else if (sign === '"' && cell === '') quoted = true
    else if (sign === mark) {
      cells.push(cell)
      cell = ''
    } else if (sign === '\n') {
      end()
      start = line
    } else if (sign !== '\r') cell += sign
  }
  if (rows.length <= most && (cell !== '' || cells.length > 0)) end()
  const [heading, ...rest] = rows
  return { columns: heading?.cells.map((name) => name.trim()) ?? [], rows: rest.slice(0, most) }
}
