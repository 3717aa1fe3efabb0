import { createParser } from 'eventsource-parser'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { createArrayElements } from './array-elements.ts'

// Characters of one event; images come as long ones.
const longestEvent = 32 * 1024 * 1024

/**
 * The texts of the answers in a stream: of server-sent events, or the elements of one JSON array, which is what Google
 * sends where nobody asks for events, and how it reports some errors to those who do.
 * @throws ProviderFailure
 */
export async function* readStreamedAnswers(
  provider: string,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<string, void> {
  const texts: string[] = []
  const events = createParser({ onEvent: ({ data }) => void texts.push(data), maxBufferSize: longestEvent })
  const elements = createArrayElements({
    longestElement: longestEvent,
    tooLong: () => streamedError(provider, { message: 'an answer in it is too long' }),
  })
  const decoder = new TextDecoder()
  let form: 'events' | 'array' | undefined
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true })
    form ??= formOf(text)
    if (form === 'array') texts.push(...elements.feed(text))
    else events.feed(text)
    yield* texts.splice(0)
  }
}

/** Undefined while there are only blanks. */
function formOf(text: string): 'events' | 'array' | undefined {
  const first = text.trimStart()[0]
  if (first === undefined) return undefined
  return first === '[' || first === '{' ? 'array' : 'events'
}
