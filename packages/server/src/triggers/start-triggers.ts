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
  const stops = [repeatedly(() => triggers.tick()), repeatedly(() => readers.look())]

  function repeatedly(work: () => Promise<void>): () => Promise<void> {
    let working: Promise<void> | undefined
    const timer = setInterval(() => {
      working ??= work()
        .catch((error: unknown) => logger.warn({ err: error }, 'triggers could not be looked at; it is tried again'))
        .finally(() => (working = undefined))
    }, everyMs)
    return async () => {
      clearInterval(timer)
      await working
    }
  }

  return async () => {
    await Promise.all(stops.map(stop => stop()))
    await readers.close()
  }
}
