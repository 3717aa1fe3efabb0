import type { RequestAddress } from '../dialects/dialect.ts'
import { dataOf, eventsOf } from '../dialects/sse/sse-frames.ts'
import type { OutgoingHeaders } from './begun-answer.ts'
import { eventStreamHeaders } from './event-stream-headers.ts'

/** How the events of one stream are put into the body of the response. */
export interface StreamFraming {
  /** @param contentType that of the provider */
  headers(contentType?: string): OutgoingHeaders
  /** @param block whole server-sent events */
  frame(block: Buffer | string): Buffer | string
  /** What closes the body, after a good end and after an error. */
  end(): string
}

const serverSentEvents: StreamFraming = {
  headers: eventStreamHeaders,
  frame: block => block,
  end: () => '',
}

/** The data of the events as elements of one JSON array, which is how Google streams to clients that do not ask for events. */
function createArrayFraming(): StreamFraming {
  let begun = false
  return {
    headers: () => eventStreamHeaders('application/json; charset=UTF-8'),
    frame(block) {
      const elements = [...eventsOf(Buffer.from(block))].map(dataOf).filter(data => data !== '')
      if (elements.length === 0) return ''
      const opening = begun ? ',\r\n' : '['
      begun = true
      return opening + elements.join(',\r\n')
    },
    end: () => (begun ? ']' : '[]'),
  }
}

/** The framing for one response. */
export const framingFor = ({ framing }: RequestAddress): StreamFraming =>
  framing === 'json-array' ? createArrayFraming() : serverSentEvents
