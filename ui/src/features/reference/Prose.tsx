// Words of the description, with its code set apart.

/** Text in which what stands between backticks is code. */
export function Prose({ text }: { text: string | undefined }) {
  if (text === undefined) return null
  return <>{text.split('`').map((part, at) => (at % 2 === 1 ? <code key={`${at} ${part}`}>{part}</code> : part))}</>
}
