import { LRUCache } from 'lru-cache'
import type { FinishReason } from '../model-response.ts'

/** An answer as a client was sent it. */
export interface KeptAnswer {
  status: number
  /** Those that tell of the answer; what the gateway says of one call is not kept. */
  headers: Record<string, string | number>
  body: Buffer
  /** The target that gave it, as `provider/model`. */
  target: string
  finishReason: FinishReason
  nanoUsd: number
  /** Milliseconds since 1970. */
  keptAt: number
}

/** Bytes of all answers that a replica keeps, and of one that is worth it. */
const keptBytes = 64 * 1024 * 1024
export const longestKept = 1024 * 1024

/** Answers to be given again, and the questions that are being asked. It is in memory: another replica has its own. */
export type AnswerCache = ReturnType<typeof createAnswerCache>

export function createAnswerCache({ now }: { now: () => number }) {
  const answers = new LRUCache<string, KeptAnswer>({
    maxSize: keptBytes,
    maxEntrySize: longestKept,
    sizeCalculation: ({ body }) => body.length + 1024,
    perf: { now },
  })
  const asked = new Map<string, Promise<void>>()
  return {
    find: (key: string): KeptAnswer | undefined => answers.get(key),
    keep: (key: string, answer: KeptAnswer, ttlMs: number): void => void answers.set(key, answer, { ttl: ttlMs }),
    /** Resolves when the call that asks this question now has ended; undefined when there is none. */
    asking: (key: string): Promise<void> | undefined => asked.get(key),
    /** Others with the same question wait until this is disposed. */
    ask(key: string): Disposable {
      const { promise, resolve } = Promise.withResolvers<void>()
      asked.set(key, promise)
      return {
        [Symbol.dispose]() {
          if (asked.get(key) === promise) asked.delete(key)
          resolve()
        },
      }
    },
  }
}
