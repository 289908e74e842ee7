// The live connection: follows the server's events, resumes where it was, and tells the cache what is old.
import type { QueryClient } from '@tanstack/react-query'
import { createStore } from '~/state/store'
import { hashWithTenant } from './keys'
import { looking, watched, type Looking } from './presence'
import { FrameParser } from './sse'
import { keysOf, keysOfTopic, wanted, type LiveEvent } from './topics'

/**
 * - `connecting`: on the way
 * - `live`: what happens is shown as it happens
 * - `polling`: no stream; what is on the screen is asked for again every 30 s
 * - `offline`: no network
 */
export type Connection = 'connecting' | 'live' | 'polling' | 'offline'

export const connection = createStore<Connection>('connecting')

const BATCH = 250
const POLL = 30_000
const LONGEST_PAUSE = 30_000
// The server sends a heartbeat every 15 s; after three that did not come the connection is dead.
const SILENCE = 45_000
// A hidden page gives its connection up, since a browser has six for all its pages of one server.
const HIDDEN = 60_000
const ADDRESS = '/api/v1/events'
// Topics that come and go with pages are gathered before the stream is asked for anew.
const GATHER = 100
// Subscriptions that end are kept until others begin: hearing too much does no harm.
const MOST_TOPICS = 200
// Whoever asks who looks is shown at all topics of these kinds, so that none of them is kept then.
const SEEN_AT = /^(?:lead|listing|market):/

type Listener = (event: LiveEvent) => void
const listeners = new Set<Listener>()

/** Calls back for each event; for what a page patches by itself instead of asking again. */
export function onEvent(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

interface Message {
  cursor?: string
  event?: LiveEvent
  resync?: boolean
  topic?: string
  presence?: Looking
}

/** Follows the stream until it is stopped. */
export class Stream {
  #client: QueryClient
  #always: readonly string[]
  #topics: ReadonlySet<string>
  // Whether the stream was asked for who looks.
  #presence = false
  #cursor: string | null = null
  #failures = 0
  // Whether something may have happened that no cursor leads to.
  #blind = false
  #stale = new Map<string, readonly unknown[]>()
  #batch: ReturnType<typeof setTimeout> | undefined
  #gather: ReturnType<typeof setTimeout> | undefined
  #poll: ReturnType<typeof setInterval> | undefined
  #timers = new Set<ReturnType<typeof setTimeout>>()
  #running: AbortController | null = null
  #stopped = new AbortController()

  /** Follows these topics always, and those of `useTopics` and `useLooking` while they are wanted. */
  constructor(client: QueryClient, topics: readonly string[]) {
    this.#client = client
    this.#always = topics
    this.#topics = new Set(topics)
  }

  start(): void {
    const { signal } = this.#stopped
    globalThis.addEventListener('online', () => this.#restart(), { signal })
    globalThis.addEventListener('offline', () => this.#rest('offline'), { signal })
    document.addEventListener('visibilitychange', () => this.#visibility(), { signal })
    for (const store of [wanted, watched]) signal.addEventListener('abort', store.subscribe(() => this.#follow()))
    this.#choose()
    if (navigator.onLine) void this.#connect()
    else this.#rest('offline')
  }

  stop(): void {
    this.#stopped.abort()
    this.#pause()
    looking.set(new Map())
    clearTimeout(this.#batch)
    clearTimeout(this.#gather)
  }

  /** Asks for the stream anew, from where it is, when the pages in sight want another one than there is. */
  #follow(): void {
    clearTimeout(this.#gather)
    this.#gather = setTimeout(() => {
      if (this.#choose() && this.#running !== null) this.#restart()
    }, GATHER)
  }

  /** Sets what is to be asked for. Returns whether the stream has to be another one for it. */
  #choose(): boolean {
    const seen = [...watched.get().keys()]
    const presence = seen.length > 0
    const kept = [...this.#topics].filter((topic) => !(presence && SEEN_AT.test(topic)))
    const more = new Set([...kept, ...wanted.get().keys(), ...seen])
    for (const topic of this.#always) more.delete(topic)
    const topics = new Set([...this.#always, ...[...more].slice(this.#always.length - MOST_TOPICS)])
    const isSame = presence === this.#presence && topics.size === this.#topics.size && [...topics].every((topic) => this.#topics.has(topic))
    this.#topics = topics
    this.#presence = presence
    looking.set((all) => new Map([...all].filter(([topic]) => seen.includes(topic))))
    return !isSame
  }

  #visibility(): void {
    if (document.visibilityState === 'hidden') this.#after(HIDDEN, () => this.#pause())
    else if (this.#running === null) this.#restart()
    else this.#clear()
  }

  #restart(): void {
    this.#pause()
    this.#failures = 0
    void this.#connect()
  }

  #pause(): void {
    this.#running?.abort()
    this.#running = null
    this.#clear()
  }

  #rest(state: 'polling' | 'offline'): void {
    this.#pause()
    looking.set(new Map())
    connection.set(state)
  }

  async #connect(): Promise<void> {
    const running = new AbortController()
    this.#running = running
    try {
      const query = new URLSearchParams({ topics: [...this.#topics].join(',') })
      if (this.#presence) query.set('presence', 'true')
      if (this.#cursor !== null) query.set('after', this.#cursor)
      const response = await fetch(`${ADDRESS}?${query}`, {
        headers: { Accept: 'text/event-stream' },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: running.signal,
      })
      const type = response.headers.get('Content-Type') ?? ''
      if (!response.ok || response.body === null || !type.startsWith('text/event-stream')) {
        await response.body?.cancel()
        throw new Error(`no stream: ${response.status} ${type}`)
      }
      connection.set('live')
      this.#failures = 0
      this.#clear()
      if (this.#blind) this.#refresh()
      this.#blind = false
      await this.#read(response.body, running)
      throw new Error('the stream ended')
    } catch {
      if (this.#running !== running || this.#stopped.signal.aborted) return
      this.#running = null
      this.#retry()
    }
  }

  async #read(body: ReadableStream<Uint8Array>, running: AbortController): Promise<void> {
    const parser = new FrameParser()
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
    let silence: ReturnType<typeof setTimeout> | undefined
    try {
      for (;;) {
        clearTimeout(silence)
        silence = setTimeout(() => void reader.cancel(), SILENCE)
        const { done, value } = await reader.read()
        if (done || running.signal.aborted) return
        for (const frame of parser.push(value)) {
          if (frame.id !== null && frame.id !== '') this.#cursor = frame.id
          if (frame.data !== '') this.#take(JSON.parse(frame.data) as Message)
        }
      }
    } finally {
      clearTimeout(silence)
    }
  }

  #take(message: Message): void {
    if (typeof message.cursor === 'string') this.#cursor = message.cursor
    if (message.resync === true) {
      this.#again(message.topic)
      return
    }
    const { event, topic, presence } = message
    if (topic !== undefined && presence !== undefined) looking.set((all) => new Map(all).set(topic, presence))
    if (event === undefined || typeof event.type !== 'string') return
    for (const listener of listeners) listener(event)
    this.#note(keysOf(event))
  }

  /** Something was too much to tell, or was missed: what the topic is about is old, or everything. */
  #again(topic: string | undefined): void {
    const stale = topic === undefined ? [] : keysOfTopic(topic)
    if (stale.length > 0) this.#note(stale)
    else this.#refresh()
  }

  #note(stale: readonly (readonly unknown[])[]): void {
    for (const one of stale) this.#stale.set(hashWithTenant(one), one)
    this.#batch ??= setTimeout(() => this.#flush(), BATCH)
  }

  #flush(): void {
    this.#batch = undefined
    const stale = [...this.#stale.values()]
    this.#stale.clear()
    for (const queryKey of stale) void this.#client.invalidateQueries({ queryKey })
  }

  /** Tries again, ever later, and asks for what is on the screen meanwhile. */
  #retry(): void {
    this.#failures += 1
    this.#blind = this.#cursor === null
    looking.set(new Map())
    connection.set(navigator.onLine ? (this.#failures === 1 ? 'connecting' : 'polling') : 'offline')
    if (!navigator.onLine) return
    this.#after(Math.min(500 * 2 ** this.#failures, LONGEST_PAUSE), () => void this.#connect())
    this.#poll ??= setInterval(() => this.#ask(), POLL)
  }

  #ask(): void {
    if (connection.get() === 'polling' && document.visibilityState === 'visible') this.#refresh()
  }

  #refresh(): void {
    void this.#client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
  }

  #after(milliseconds: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, milliseconds)
    this.#timers.add(timer)
  }

  #clear(): void {
    clearInterval(this.#poll)
    this.#poll = undefined
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
