// A moment when nothing more urgent is to be done.
import { useEffect, useState } from 'react'

// Long enough for the first paint to have happened.
const PAUSE = 300

/** False until a moment after the page has come; for what may be asked for after the first paint. */
export function useIdle(): boolean {
  const [idle, setIdle] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIdle(true), PAUSE)
    return () => clearTimeout(timer)
  }, [])
  return idle
}
