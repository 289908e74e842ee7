// Hands what was made here to the browser as a file.

/** Saves `content` under `name`, as CSV unless told otherwise. */
export function download(name: string, content: string | ArrayBuffer, type = 'text/csv;charset=utf-8'): void {
  const address = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser reads the file after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
