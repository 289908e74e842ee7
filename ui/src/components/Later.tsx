// What need not be on the screen at first: when the page is loaded it is drawn once what is above it has been.
import { useEffect, useState, type ReactNode } from 'react'

// Later pages have all of themselves at once: what they need has been loaded, and going back finds its place again.
let isFirst = true

export function Later({ children }: { children: ReactNode }) {
  const [due, setDue] = useState(!isFirst)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => {
        isFirst = false
        setDue(true)
      })
    })
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [])
  return due && children
}
