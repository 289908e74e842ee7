// Listings that tests change as another program would.
import type { APIRequestContext } from 'playwright-core'
import { address } from './browser'

// What the server says of a listing beyond what it takes.
const TOLD = new Set(['id', 'market', 'version', 'created_at', 'updated_at', 'provenance'])

type Listing = Record<string, unknown>

/** The listing as the server has it. */
export async function readListing(request: APIRequestContext, id: string): Promise<Listing> {
  return (await (await request.get(`${address()}/api/v1/listings/${id}`)).json()) as Listing
}

/** Stores the listing with some of it changed; another `listing_key` makes another listing. */
export async function writeListing(request: APIRequestContext, before: Listing, change: Listing): Promise<void> {
  const listing = Object.fromEntries(Object.entries({ ...before, ...change }).filter(([name, value]) => !TOLD.has(name) && value !== null))
  const data = { market: before.market, items: [listing] }
  const answer = await request.post(`${address()}/api/v1/listings`, { data, headers: { Origin: address() } })
  if (!answer.ok()) throw new Error(`storing a listing: ${answer.status()} ${await answer.text()}`)
}
