// The drawing of a chart over time, by uPlot; comes later than the page that has one.
import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { colourOf, faded, useTheme } from './colours'
import { axisTimes } from './TimeChartTimes'
import { colourAt, type TimeChartProps } from './TimeChart'

interface Props extends TimeChartProps {
  format: (value: number) => string
  formatTime: (time: number) => string
  height: number
  /** The index of the time under the pointer; null when it is elsewhere. */
  onIndex: (index: number | null) => void
}

const FONT = '11px "Source Sans 3 Variable"'
const DASH = [5, 4]
const DOTS = [1.5, 3]

export default function TimeChartCanvas(props: Props) {
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(props)
  latest.current = props
  const theme = useTheme()
  const { series, bands = [], thresholds = [], height, sync, fromZero } = props
  // A chart is built anew when what it is made of changes, and only filled anew when the numbers do.
  const shape = JSON.stringify([series.map(({ label, colour, dashed, dotted }) => [label, colour, dashed, dotted]), bands.map(({ colour, strength }) => [colour, strength]), thresholds, height, sync, fromZero])

  useEffect(() => {
    const box = holder.current
    if (box === null) return
    let gone = false
    let sizes: ResizeObserver | undefined
    void fontsReady().then(() => {
      if (gone) return
      const made = new uPlot(options(box.clientWidth, latest), dataOf(latest.current), box)
      plot.current = made
      sizes = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: latest.current.height }))
      sizes.observe(box)
    })
    return () => {
      gone = true
      sizes?.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [shape, theme])

  useEffect(() => {
    plot.current?.setData(dataOf(props))
  }, [props.times, props.series, props.bands])
  return <div ref={holder} />
}

/** Text on a canvas is not drawn again when its font comes. */
async function fontsReady(): Promise<void> {
  await document.fonts.load(FONT).catch(() => [])
}

/** Times in seconds, then the series, then low and high of each band. */
function dataOf({ times, series, bands = [] }: Props): uPlot.AlignedData {
  const columns = [...series.map((one) => hung(one.values, one.start)), ...bands.flatMap(({ low, high, start }) => [hung(low, start), hung(high, start)])]
  return [times.map((time) => time / 1000), ...columns]
}

/** With the point that it comes from, one time before its first value. */
function hung(values: readonly (number | null)[], start: number | undefined): (number | null)[] {
  const first = values.findIndex((value) => value !== null)
  return start === undefined || first < 1 ? [...values] : values.with(first - 1, start)
}

function timesAt(times: number[], write: Props['formatAxis']): string[] {
  return write === undefined ? axisTimes(times) : times.map(write)
}

function options(width: number, latest: { current: Props }): uPlot.Options {
  const { series, bands = [], thresholds = [], height, sync, fromZero = false, onRange, formatAxis } = latest.current
  const [ink, line] = [colourOf('ink-3'), colourOf('line')]
  const axis = { stroke: ink, font: FONT, ticks: { show: false }, grid: { stroke: line, width: 1 } }
  const values = thresholds.map((threshold) => threshold.value)
  return {
    width,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: onRange !== undefined, y: false, setScale: false },
      points: { size: 7 },
      ...(sync === undefined ? {} : { sync: { key: sync } }),
    },
    scales: { y: { range: (_, low, high) => rangeOf(Math.min(low, ...values), Math.max(high, ...values), fromZero) } },
    axes: [
      { ...axis, grid: { show: false }, space: 72, size: formatAxis === undefined ? 38 : 28, values: (_: uPlot, ticks: number[]) => timesAt(ticks.map((tick) => tick * 1000), latest.current.formatAxis) },
      { ...axis, size: 64, gap: 6, values: (_, ticks) => ticks.map((tick) => (latest.current.formatTick ?? latest.current.format)(tick, (ticks[1] ?? tick) - (ticks[0] ?? 0))) },
    ],
    series: [
      {},
      ...series.map((one, index): uPlot.Series => ({
        label: one.label,
        stroke: colourOf(one.colour ?? colourAt(index)),
        width: 1.75,
        dash: one.dashed === true ? DASH : one.dotted === true ? DOTS : undefined,
        // A single value is no line; how many there are may change.
        points: {
          show: () => (latest.current.series[index]?.values.filter((value) => value !== null).length ?? 0) < 2,
          filter: (_: uPlot, __: number, show: boolean) => (show ? null : lonely(latest.current.series[index]?.values ?? [])),
        },
        spanGaps: false,
      })),
      ...bands.flatMap((): uPlot.Series[] => [{ stroke: 'transparent', points: { show: false } }, { stroke: 'transparent', points: { show: false } }]),
    ],
    bands: bands.map((band, index) => {
      const low = 1 + series.length + 2 * index
      return { series: [low + 1, low], fill: faded(colourOf(band.colour ?? 's1'), band.strength ?? 0.2) }
    }),
    hooks: {
      setCursor: [(chart) => latest.current.onIndex(chart.cursor.idx ?? null)],
      setSelect: [(chart) => {
        const { left, width: wide } = chart.select
        if (wide < 4) return
        latest.current.onRange?.(chart.posToVal(left, 'x') * 1000, chart.posToVal(left + wide, 'x') * 1000)
        chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
      }],
      drawAxes: [(chart) => values.forEach((value) => drawThreshold(chart, value))],
    },
  }
}

/** Where a value stands between gaps: no line leads there, so it is drawn as a point. */
function lonely(values: readonly (number | null)[]): number[] | null {
  const found = values.flatMap((value, at) => (value !== null && values[at - 1] == null && values[at + 1] == null ? [at] : []))
  return found.length === 0 ? null : found
}

/** A little air above and below; from zero where the length of the line means something. */
function rangeOf(low: number, high: number, fromZero: boolean): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1]
  const least = fromZero ? Math.min(0, low) : low
  const air = (high - least || Math.abs(high) || 1) * 0.08
  return [fromZero && least === 0 ? 0 : least - air, high + air]
}

function drawThreshold(chart: uPlot, value: number): void {
  const y = Math.round(chart.valToPos(value, 'y', true))
  const { left, width } = chart.bbox
  const { ctx } = chart
  ctx.save()
  ctx.strokeStyle = colourOf('hot')
  ctx.setLineDash([2, 3])
  ctx.lineWidth = devicePixelRatio
  ctx.beginPath()
  ctx.moveTo(left, y)
  ctx.lineTo(left + width, y)
  ctx.stroke()
  ctx.restore()
}
