// The clipboard, where the browser allows it.

/** Copies a text; false where the page may not, such as over plain HTTP from another machine. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
