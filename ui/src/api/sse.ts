// Reads Server-Sent Events from a response body.

export interface Frame {
  id: string | null
  event: string
  data: string
}

/** Splits a stream of text into frames; comments (heartbeats) come as frames without data. */
export class FrameParser {
  #rest = ''

  /** Takes the next piece and returns the frames that it completes. */
  push(text: string): Frame[] {
    this.#rest += text
    const parts = this.#rest.split(/\r\n\r\n|\n\n|\r\r/)
    this.#rest = parts.pop() ?? ''
    return parts.filter((part) => part !== '').map(frameOf)
  }
}

function frameOf(part: string): Frame {
  const frame: Frame = { id: null, event: 'message', data: '' }
  const lines: string[] = []
  for (const line of part.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') lines.push(value)
    else if (field === 'event') frame.event = value
    else if (field === 'id') frame.id = value
  }
  frame.data = lines.join('\n')
  return frame
}
