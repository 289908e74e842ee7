// A moment when nothing more urgent is to be done.
import { useEffect, useState } from 'react'

/** False until the page has been drawn and the browser has time to spare; for what may come after the first paint. */
export function useIdle(): boolean {
  const [idle, setIdle] = useState(false)
  useEffect(() => {
    // Safari has no idle callbacks.
    if (!('requestIdleCallback' in globalThis)) {
      const timer = setTimeout(() => setIdle(true), 300)
      return () => clearTimeout(timer)
    }
    const handle = requestIdleCallback(() => setIdle(true), { timeout: 1000 })
    return () => cancelIdleCallback(handle)
  }, [])
  return idle
}
