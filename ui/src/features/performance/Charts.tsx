// The last hour as charts that share one line of time.
import { TimeChart, type Series } from '~/components/TimeChart'
import { count, decimal } from '~/format/numbers'
import { size } from '~/format/size'
import { clock, clockWithSeconds } from '~/format/time'
import styles from './Performance.module.css'
import type { Sample } from './queries'
import { lasting, pace, peak, toldTimes } from './words'

interface Props {
  samples: readonly Sample[]
  onRange: (from: number, to: number) => void
}

type Values = (sample: Sample) => number | null

export function Charts({ samples, onRange }: Props) {
  const times = samples.map(({ at }) => new Date(at).getTime())
  const line = (label: string, of: Values, colour: Series['colour']): Series => ({ label, values: samples.map(of), colour })
  const most = (of: Values) => peak(samples.map(of)) ?? 0
  // Within some minutes the seconds tell the points apart.
  const short = (times.at(-1) ?? 0) - (times[0] ?? 0) < 10 * 60_000
  const formatAxis = (time: number) => (short ? clockWithSeconds : clock)(new Date(time))
  const common = { times, onRange, sync: 'performance', formatAxis, formatTime: (time: number) => clockWithSeconds(new Date(time)), height: 190, fromZero: true }
  // Half a client is none.
  const whole = (value: number) => (Number.isInteger(value) ? count(value) : '')
  return (
    <div className={styles.charts}>
      <TimeChart
        {...common} title="Answers" unit="ms" summary={toldTimes(samples)} format={lasting} formatTick={(value) => decimal(value, value > 0 && value < 10 ? 1 : 0)}
        series={[line('Half within', ({ p50_ms }) => p50_ms, 's1'), line('95 of 100', ({ p95_ms }) => p95_ms, 's2'), line('99 of 100', ({ p99_ms }) => p99_ms, 's4')]}
      />
      <TimeChart
        {...common} title="Requests" unit="a second" summary={`At most ${pace(most(({ rate }) => rate))} requests a second, ${count(most(({ in_flight: n }) => n))} in hand at once.`} format={(value) => (Number.isInteger(value) ? count(value) : pace(value))}
        series={[line('Requests', ({ rate }) => rate, 's1'), line('In hand at most', ({ in_flight: n }) => n, 's3')]}
      />
      <TimeChart
        {...common} title="Refused and failed" unit="requests" summary={`${count(sum(samples, 'errors'))} requests failed and ${count(sum(samples, 'refused'))} were refused.`} format={count} formatTick={whole}
        series={[line('Failed (5xx)', ({ errors }) => errors, 's2'), line('Refused (4xx)', ({ refused }) => refused, 's3')]}
      />
      <TimeChart
        {...common} title="Store" unit="writes" summary={`${count(sum(samples, 'writes'))} writes in ${count(sum(samples, 'commits'))} commits; at most ${count(most(({ writes_waiting: n }) => n))} waited at once.`} format={count} formatTick={whole}
        series={[line('Writes', ({ writes }) => writes, 's1'), line('Commits', ({ commits }) => commits, 's3'), line('Waiting at most', ({ writes_waiting: n }) => n, 's2')]}
      />
      <TimeChart
        {...common} title="Live connections" unit="clients" summary={`At most ${count(most(({ realtime_clients: n }) => n))} clients listened at once.`} format={count} formatTick={whole}
        series={[line('Clients at most', ({ realtime_clients: n }) => n, 's1')]}
      />
      <TimeChart
        {...common} title="Memory" unit="of the process" summary={`At most ${size(most(({ memory_bytes: bytes }) => bytes))} of memory.`} format={size}
        series={[line('Memory at most', ({ memory_bytes: bytes }) => bytes, 's1')]}
      />
    </div>
  )
}

function sum(samples: readonly Sample[], name: 'errors' | 'refused' | 'writes' | 'commits'): number {
  return samples.reduce((total, one) => total + one[name], 0)
}
