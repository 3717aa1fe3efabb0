import { createParser, type EventSourceMessage } from 'eventsource-parser'

// Characters of one event; images and audio come as long ones.
const maxBufferSize = 32 * 1024 * 1024

/** The events of a stream of server-sent events. A last event without its blank line is not delivered: it was cut off. */
export async function* readSse(body: AsyncIterable<Buffer>): AsyncGenerator<EventSourceMessage, void, undefined> {
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: event => void events.push(event), maxBufferSize })
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    // The parser reports by callback while it is fed, so there is nothing to wait for here.
    yield* events.splice(0)
  }
}
