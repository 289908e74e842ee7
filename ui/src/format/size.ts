// Sizes of files as people read them.
import { decimal } from './numbers'

/** `812 bytes`, `3.4 KB`, `12 MB`, counted in thousands. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const [unit, word] = bytes < 1e6 ? [1e3, 'KB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB']
  const value = bytes / unit
  return `${decimal(value, value < 10 ? 1 : 0)} ${word}`
}
