// The live stream: frames, what they make old, where it goes on.
import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { key } from '~/api/keys'
import { FrameParser } from '~/api/sse'
import { looking, watched } from '~/api/presence'
import { connection, onEvent, Stream } from '~/api/stream'
import { keysOf, keysOfTopic, wanted } from '~/api/topics'

describe('frames', () => {
  it('are put together from pieces', () => {
    const parser = new FrameParser()
    expect(parser.push('id: 7\ndata: {"a"')).toEqual([])
    expect(parser.push(':1}\n\n: beat\n\ndata: x\r\ndata: y\r\n\r\n')).toEqual([
      { id: '7', event: 'message', data: '{"a":1}' },
      { id: null, event: 'message', data: '' },
      { id: null, event: 'message', data: 'x\ny' },
    ])
  })
})

it('an event makes old what it names', () => {
  expect(keysOf({ type: 'lead.scored', id: 'a' })).toContainEqual(key('leads', 'a'))
  expect(keysOf({ type: 'interaction.recorded', lead_id: 'b' })).toContainEqual(key('leads', 'b'))
  expect(keysOf({ type: 'lead.created' }).every((parts) => !parts.includes(undefined))).toBe(true)
  expect(keysOf({ type: 'import.progress', id: 'c' })).toEqual([])
  expect(keysOf({ type: 'import.finished', id: 'c' })).toContainEqual(key('imports'))
  expect(keysOf({ type: 'listing.price_changed', id: 'd', market: 'demo' })).toContainEqual(key('markets', 'demo'))
  expect(keysOf({ type: 'lead.merged', id: 'e', from: 'f' })).toEqual(expect.arrayContaining([key('leads', 'e'), key('leads', 'f'), key('tasks')]))
  expect(keysOf({ type: 'unheard.of' })).toEqual([])
})

it('a topic stands for what it is about', () => {
  expect(keysOfTopic('lead:a')).toEqual([key('leads', 'a')])
  expect(keysOfTopic('market:demo')).toContainEqual(key('homes'))
  expect(keysOfTopic('unheard')).toEqual([])
})

describe('the stream', () => {
  const fetched = vi.fn<(url: string, options: RequestInit) => Promise<Response>>()
  const encoder = new TextEncoder()
  let client: QueryClient
  let stream: Stream
  let send: (text: string) => void
  let end: () => void

  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('fetch', fetched)
    fetched.mockReset()
    fetched.mockImplementation(() => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          send = (text) => controller.enqueue(encoder.encode(text))
          end = () => controller.close()
        },
      })
      return Promise.resolve(new Response(body, { headers: { 'Content-Type': 'text/event-stream' } }))
    })
    client = new QueryClient()
    stream = new Stream(client, ['leads'])
    connection.set('connecting')
  })
  afterEach(() => {
    stream.stop()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

  it('batches what is old and tells listeners at once', async () => {
    const invalidated = vi.spyOn(client, 'invalidateQueries')
    const heard = vi.fn()
    const deaf = onEvent(heard)
    stream.start()
    await settle()
    expect(connection.get()).toBe('live')
    for (const cursor of ['1', '2']) send(`id: ${cursor}\ndata: {"cursor":"${cursor}","topic":"leads","event":{"type":"lead.scored","id":"a"}}\n\n`)
    await settle(100)
    expect(heard).toHaveBeenCalledTimes(2)
    expect(invalidated).not.toHaveBeenCalled()
    await settle(200)
    const keys = invalidated.mock.calls.map(([filters]) => JSON.stringify(filters?.queryKey))
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys).toContain('["leads","a"]')
    deaf()
  })

  it('goes on where it was when the connection breaks', async () => {
    stream.start()
    await settle()
    send('id: 41\ndata: {"cursor":"41","topic":"leads","event":{"type":"lead.updated","id":"a"}}\n\n')
    await settle()
    end()
    await settle(2_000)
    expect(fetched).toHaveBeenCalledTimes(2)
    expect(fetched.mock.calls[0]?.[0]).not.toContain('after=')
    expect(fetched.mock.calls[1]?.[0]).toContain('after=41')
  })

  it('asks for everything again when it has to', async () => {
    const invalidated = vi.spyOn(client, 'invalidateQueries')
    stream.start()
    await settle()
    send('data: {"resync":true,"cursor":"99"}\n\n')
    await settle()
    expect(invalidated).toHaveBeenCalledTimes(1)
    end()
    await settle(2_000)
    expect(fetched.mock.calls[1]?.[0]).toContain('after=99')
  })

  it('looks again at one topic only when it is told so', async () => {
    const invalidated = vi.spyOn(client, 'invalidateQueries')
    stream.start()
    await settle()
    send('data: {"resync":true,"topic":"leads","cursor":"5"}\n\n')
    await settle(300)
    expect(invalidated.mock.calls.map(([filters]) => filters?.queryKey)).toEqual([key('leads'), key('dashboard')])
  })

  it('asks anew for the topics that a page wants, from where it is', async () => {
    stream.start()
    await settle()
    send('id: 7\n: listening\n\n')
    await settle()
    wanted.set(new Map([['market:demo', 1]]))
    await settle(200)
    expect(fetched).toHaveBeenCalledTimes(2)
    const asked = new URL(fetched.mock.calls[1]?.[0] ?? '', 'http://x').searchParams
    expect([asked.get('topics'), asked.get('after')]).toEqual(['leads,market:demo', '7'])
    wanted.set(new Map())
    await settle(200)
    expect(fetched).toHaveBeenCalledTimes(2)
  })

  it('is asked for who looks only where the reader looks, and shows the reader nowhere else', async () => {
    const asked = () => new URL(fetched.mock.lastCall?.[0] ?? '', 'http://x').searchParams
    stream.start()
    await settle()
    wanted.set(new Map([['market:demo', 1]]))
    await settle(200)
    expect(asked().get('presence')).toBeNull()
    wanted.set(new Map())
    watched.set(new Map([['lead:a', 1]]))
    await settle(200)
    expect([asked().get('topics'), asked().get('presence')]).toEqual(['leads,lead:a', 'true'])
    send('data: {"topic":"lead:a","presence":{"users":["me","ann"],"total":2}}\n\n')
    await settle()
    expect(looking.get().get('lead:a')).toEqual({ users: ['me', 'ann'], total: 2 })
    watched.set(new Map([['lead:b', 1]]))
    await settle(200)
    expect([asked().get('topics'), looking.get().size]).toEqual(['leads,lead:b', 0])
    watched.set(new Map())
    await settle(200)
    expect([fetched.mock.calls.length, asked().get('presence')]).toEqual([5, null])
  })

  it('says that it polls when there is no stream, and does', async () => {
    fetched.mockImplementation(() => Promise.resolve(new Response('{}', { status: 422, headers: { 'Content-Type': 'application/problem+json' } })))
    const invalidated = vi.spyOn(client, 'invalidateQueries')
    stream.start()
    await settle(5_000)
    expect(connection.get()).toBe('polling')
    await settle(31_000)
    expect(invalidated).toHaveBeenCalled()
  })
})
