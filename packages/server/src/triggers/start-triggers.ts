import { repeatedly } from '../jobs/index.ts'
import type { Triggers } from './create-triggers.ts'
import { createQueueReaders, type QueueReadersOptions } from './queue-readers.ts'

interface StartTriggersOptions extends QueueReadersOptions {
  triggers: Triggers
}

const everyMs = 2_000

/**
 * Plans and fires what is due, and reads the queues of triggers, on every replica; each firing and each message is taken by one.
 * @returns the end of it
 */
export function startTriggers(options: StartTriggersOptions): () => Promise<void> {
  const { triggers, logger } = options
  const readers = createQueueReaders(options)
  const onError = (error: unknown): void =>
    logger.warn({ err: error }, 'triggers could not be looked at; it is tried again')
  const stops = [() => triggers.tick(), () => readers.look()].map(work => repeatedly(work, { everyMs, onError }))
  return async () => {
    await Promise.all(stops.map(stop => stop()))
    await readers.close()
  }
}
