// Times that things are put off to, and times as a field of the browser holds them.

/** One of a few times that one would name: "Tomorrow morning". */
export interface Soon {
  label: string
  at: Date
}

// When a working day begins, and the latest that something is put off to on the same day.
const MORNING = 9
const EVENING = 20
const HOURS_LATER = 3

/** Later today while there is time, tomorrow morning, next Monday, in two weeks; each once, in order. */
export function soon(now: Date): Soon[] {
  const later = new Date(now.getFullYear(), now.getMonth(), now.getDate(), now.getHours() + HOURS_LATER)
  const monday = ((8 - now.getDay()) % 7) || 7
  const all: Soon[] = [
    { label: 'Tomorrow morning', at: morning(now, 1) },
    { label: 'Next Monday', at: morning(now, monday) },
    { label: 'In two weeks', at: morning(now, 14) },
  ]
  const isToday = later.getDate() === now.getDate() && later.getHours() <= EVENING
  const offered = isToday ? [{ label: 'Later today', at: later }, ...all] : all
  return offered.filter(({ at }, index) => offered.findIndex((one) => one.at.getTime() === at.getTime()) === index)
}

function morning(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING)
}

/** For `<input type="datetime-local">`: `2026-12-01T09:00`, in the reader's own time. */
export function written(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** The time that such a field holds; null when it is empty. */
export function read(text: string): Date | null {
  const at = new Date(text)
  return text === '' || Number.isNaN(at.getTime()) ? null : at
}
