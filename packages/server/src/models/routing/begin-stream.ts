import type { ModelEvent } from '../model-event.ts'
import { cutOff } from '../provider-failure.ts'

/** What a client does not see, or only as the frame of an answer. */
const precedesContent: ReadonlySet<ModelEvent['type']> = new Set(['started', 'usage', 'break'])

/**
 * Waits until a stream has its first event that a client would see, and hands back the whole stream. Until then the
 * attempt can be repeated elsewhere.
 * @throws ProviderFailure when the stream ends before that
 */
export async function beginStream(
  provider: string,
  events: AsyncIterable<ModelEvent>,
): Promise<AsyncIterable<ModelEvent>> {
  const iterator = events[Symbol.asyncIterator]()
  const held: ModelEvent[] = []
  for (;;) {
    const next = await iterator.next()
    if (next.done) throw cutOff(provider)
    held.push(next.value)
    if (!precedesContent.has(next.value.type)) return resume(provider, held, iterator)
  }
}

async function* resume(
  provider: string,
  held: readonly ModelEvent[],
  iterator: AsyncIterator<ModelEvent>,
): AsyncGenerator<ModelEvent, void> {
  try {
    for (const event of held) {
      yield event
      if (event.type === 'finished') return
    }
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      yield next.value
      if (next.value.type === 'finished') return
    }
    throw cutOff(provider)
  } finally {
    await iterator.return?.()
  }
}
