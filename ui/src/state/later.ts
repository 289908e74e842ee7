// A value that follows another one after a pause.
import { useEffect, useState } from 'react'

/** The value as it was when it had been still for `pause` milliseconds. */
export function useLater<T>(value: T, pause: number): T {
  const [later, setLater] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), pause)
    return () => clearTimeout(timer)
  }, [value, pause])
  return later
}
