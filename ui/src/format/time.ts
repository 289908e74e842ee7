// Times as people read them. Every function takes the present, so that tests and screens agree.
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
// A formatter of `Intl` would take ten milliseconds to make before the first paint, and say the same.
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

/** How long ago or until: `now`, `2 min`, `3 h`, `4 d`, then the day: `12 Sep`, `12 Sep 2024`. */
export function ago(at: Date, now: Date): string {
  const passed = Math.abs(now.getTime() - at.getTime())
  const ahead = at.getTime() - now.getTime() > MINUTE
  const text =
    passed < MINUTE ? 'now'
    : passed < HOUR ? `${Math.floor(passed / MINUTE)} min`
    : passed < DAY ? `${Math.floor(passed / HOUR)} h`
    : passed < 30 * DAY ? `${Math.floor(passed / DAY)} d`
    : null
  if (text === null) return day(at, now)
  return ahead ? `in ${text}` : text
}

/** `12 Sep`, with the year when it is another. */
export function day(at: Date, now: Date): string {
  const text = `${at.getDate()} ${monthName(at)}`
  return at.getFullYear() === now.getFullYear() ? text : `${text} ${at.getFullYear()}`
}

/** `Sep 2026`, of a month that the server names by its first day in UTC. */
export function month(at: Date): string {
  return `${MONTHS[at.getUTCMonth()] ?? ''} ${at.getUTCFullYear()}`
}

/** `09:05` */
export function clock(at: Date): string {
  return `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`
}

/** `09:05:30` */
export function clockWithSeconds(at: Date): string {
  return `${clock(at)}:${twoDigits(at.getSeconds())}`
}

/** `12 Sep 2026, 09:05`: the exact time, for titles and tables. */
export function exact(at: Date): string {
  return `${at.getDate()} ${monthName(at)} ${at.getFullYear()}, ${clock(at)}`
}

/** Days of the calendar from now until then; negative when it is past. */
export function daysUntil(at: Date, now: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
  // A day with a change of the clock is an hour longer or shorter.
  return Math.round((midnight(at) - midnight(now)) / DAY)
}

/** A time that something is planned for: `today 14:00`, `tomorrow 09:00`, `Mon 09:00`, then `12 Dec, 09:00`. */
export function planned(at: Date, now: Date): string {
  const days = daysUntil(at, now)
  if (days === 0) return `today ${clock(at)}`
  if (days === 1) return `tomorrow ${clock(at)}`
  return days > 1 && days < 7 ? `${WEEKDAYS[at.getDay()] ?? ''} ${clock(at)}` : `${day(at, now)}, ${clock(at)}`
}

/** A span of time: `3 min 40 s`, `2 h 5 min`, `4 d`. */
export function span(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return joined(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  return joined(Math.floor(minutes / 1440), 'd', Math.round((minutes % 1440) / 60), 'h')
}

function joined(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`
}

/** `Sep` */
export function monthName(at: Date): string {
  return MONTHS[at.getMonth()] ?? ''
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
