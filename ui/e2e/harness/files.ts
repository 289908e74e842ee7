// Files that tests import: made here, the same each time.
import type { APIRequestContext } from 'playwright-core'
import { address } from './browser'

/** Ten years of two monthly series of a market, with a trend, seasons and a little of what nobody foresees. */
export function seriesFile(market: string): string {
  const rows = ['market,metric,period,value']
  for (let month = 0; month < 120; month += 1) {
    const period = `${2016 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-01`
    const season = Math.sin((month / 12) * 2 * Math.PI)
    const noise = Math.sin(month * 12.9898) * 0.01
    rows.push(`${market},median_price,${period},${Math.round(300_000 * (1 + month * 0.004) * (1 + 0.02 * season + noise))}`)
    rows.push(`${market},days_on_market,${period},${(40 - 12 * season + month * 0.05 + noise * 100).toFixed(1)}`)
  }
  return rows.join('\n')
}

/** Imports a file for the person that the context is signed in as, and waits until its rows are in. */
export async function importFile(request: APIRequestContext, kind: string, text: string, name: string): Promise<string> {
  const headers = { 'Content-Type': 'application/octet-stream', Origin: address(), 'Idempotency-Key': crypto.randomUUID() }
  const answer = await request.post(`${address()}/api/v1/imports?kind=${kind}&name=${name}`, { headers, data: Buffer.from(text) })
  if (answer.status() !== 202) throw new Error(`importing: ${answer.status()} ${await answer.text()}`)
  const { id } = (await answer.json()) as { id: string }
  for (;;) {
    const { state, error } = (await (await request.get(`${address()}/api/v1/imports/${id}`)).json()) as { state: string; error: string | null }
    if (state === 'done') return id
    if (state !== 'queued' && state !== 'running') throw new Error(`importing: ${state} ${error ?? ''}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
