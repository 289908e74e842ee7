// What was typed into a form.

/** The text of a field without blanks around it; empty when there is none. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
