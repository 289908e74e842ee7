// Times at the axis of a chart, as far apart as they are: `09:05`, `22 Sep`, `Sep`, `2026`, with what changes under them.
import { clock, monthName } from '~/format/time'

const DAY = 86_400_000

/** One text for each time, in Unix milliseconds and ascending. The second line has the day or the year where it is another one. */
export function axisTimes(times: readonly number[]): string[] {
  const step = (times[1] ?? 0) - (times[0] ?? 0)
  const dates = times.map((time) => new Date(time))
  if (step >= 360 * DAY) return dates.map((date) => String(date.getFullYear()))
  const day = (date: Date) => `${date.getDate()} ${monthName(date)}`
  const year = (date: Date) => String(date.getFullYear())
  if (step >= 27 * DAY) return twoLines(dates, monthName, year)
  if (step >= 0.9 * DAY || times.length < 2) return twoLines(dates, day, year)
  return twoLines(dates, clock, day)
}

function twoLines(dates: readonly Date[], first: (date: Date) => string, second: (date: Date) => string): string[] {
  return dates.map((date, index) => {
    const before = dates[index - 1]
    return before !== undefined && second(before) === second(date) ? first(date) : `${first(date)}\n${second(date)}`
  })
}
