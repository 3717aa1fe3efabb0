import { LRUCache } from 'lru-cache'
import type { KeptAnswer, SharedAnswers } from './shared-answers.ts'

/** A question whose answer was kept, to be found by its meaning. */
interface KeptQuestion {
  partition: string
  embedding: Float32Array
}

/** Bytes of all answers that a replica keeps, and of one that is worth it. */
const keptBytes = 64 * 1024 * 1024
export const longestKept = 1024 * 1024

/** Bytes of all embeddings that a replica keeps. */
const embeddingBytes = 32 * 1024 * 1024

/**
 * Answers to be given again, and the questions that are being asked. They are in memory; what other replicas have kept is
 * found where answers are shared. What is asked, and what questions mean, a replica knows of itself alone.
 */
export type AnswerCache = ReturnType<typeof createAnswerCache>

export function createAnswerCache({ now, shared }: { now: () => number; shared?: SharedAnswers | undefined }) {
  const answers = new LRUCache<string, KeptAnswer>({
    maxSize: keptBytes,
    maxEntrySize: longestKept,
    sizeCalculation: ({ body }) => body.length + 1024,
    perf: { now },
    ttlResolution: 0,
  })
  const questions = new LRUCache<string, KeptQuestion>({
    maxSize: embeddingBytes,
    sizeCalculation: ({ embedding }) => embedding.byteLength + 256,
    perf: { now },
    ttlResolution: 0,
  })
  const asked = new Map<string, Promise<void>>()
  return {
    async find(key: string): Promise<KeptAnswer | undefined> {
      const own = answers.get(key)
      if (own || !shared) return own
      const found = await shared.find(key)
      if (found) answers.set(key, found.answer, { ttl: found.leftMs })
      return found?.answer
    },
    /** The key of the question that is most alike, if any is alike enough, with the cosine of the angle between the two. */
    nearest(
      { partition, embedding }: KeptQuestion,
      threshold: number,
    ): { key: string; similarity: number } | undefined {
      let best: { key: string; similarity: number } | undefined
      for (const [key, other] of questions.entries()) {
        if (other.partition !== partition || other.embedding.length !== embedding.length || !answers.has(key)) continue
        const similarity = dotProduct(other.embedding, embedding)
        if (similarity >= threshold && (!best || similarity > best.similarity)) best = { key, similarity }
      }
      return best
    },
    keep(key: string, answer: KeptAnswer, ttlMs: number, question?: KeptQuestion): void {
      answers.set(key, answer, { ttl: ttlMs })
      shared?.keep(key, answer, ttlMs)
      if (question) questions.set(key, question, { ttl: ttlMs })
    },
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

/** That of vectors of length 1 is the cosine of the angle between them. */
function dotProduct(one: Float32Array, other: Float32Array): number {
  let sum = 0
  for (let place = 0; place < one.length; place++) sum += (one[place] ?? 0) * (other[place] ?? 0)
  return sum
}
