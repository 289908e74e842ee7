// Times at the axis of a chart: no more of them than tells them apart.
import { expect, it } from 'vitest'
import { axisTimes } from '~/components/TimeChartTimes'

const at = (year: number, month: number, day = 1, hour = 0) => new Date(year, month - 1, day, hour).getTime()

it('days have their month, and the year once', () => {
  expect(axisTimes([at(2026, 9, 22), at(2026, 9, 29), at(2026, 10, 6)])).toEqual(['22 Sep\n2026', '29 Sep', '6 Oct'])
})

it('months say where another year begins', () => {
  expect(axisTimes([at(2025, 11), at(2025, 12), at(2026, 1)])).toEqual(['Nov\n2025', 'Dec', 'Jan\n2026'])
})

it('years stand alone', () => {
  expect(axisTimes([at(2024, 1), at(2025, 1)])).toEqual(['2024', '2025'])
})

it('hours say where another day begins', () => {
  expect(axisTimes([at(2026, 9, 22, 12), at(2026, 9, 22, 18), at(2026, 9, 23, 0)])).toEqual(['12:00\n22 Sep', '18:00', '00:00\n23 Sep'])
})

it('one time has its day', () => {
  expect(axisTimes([at(2026, 9, 22)])).toEqual(['22 Sep\n2026'])
})
