import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { SealedTexts } from '../../secrets/index.ts'
import type { Logger } from '../../telemetry/index.ts'

/** An answer as a client was sent it. */
export type KeptAnswer = Omit<z.output<typeof Written>, 'body'> & { body: Buffer }

/** Answers that all replicas keep together. What cannot be had is missed and never waited for long: nothing here throws. */
export interface SharedAnswers {
  /** The answer and how long it may still be given, in milliseconds. */
  find(key: string): Promise<{ answer: KeptAnswer; leftMs: number } | undefined>
  keep(key: string, answer: KeptAnswer, ttlMs: number): void
  close(): void
}

/** The number rises with what is written, so that replicas of two releases do not misread each other. */
const prefix = 'causeway:answer:1:'
/** The provider is asked when Redis has not answered by then. */
const patienceMs = 150
const connectMs = 2000
const longestPauseMs = 5000
/** One that was too slow is left alone for a while: nobody else waits for it, and nothing piles up. */
const leftAloneMs = 5000
/** Commands that wait for Redis, each with an answer of up to 1 MiB; more are given up at once. */
const waitingAtMost = 200

const Written = z.object({
  status: z.int(),
  /** Those that tell of the answer; what the gateway says of one call is not kept. */
  headers: z.record(z.string(), z.union([z.string(), z.number()])),
  body: z.base64(),
  /** The target that gave it, as `provider/model`. */
  target: z.string(),
  finishReason: z.enum(['stop', 'stop-sequence', 'tool-calls', 'length', 'content-filter', 'refusal', 'pause']),
  nanoUsd: z.number(),
  /** Milliseconds since 1970. */
  keptAt: z.number(),
})

/**
 * Keeps answers in Redis, whether it can be reached yet or not. They are sealed: who reads it learns nothing, and an answer that somebody else has written there, or under
 * another question, is none.
 */
export async function openSharedAnswers({
  url,
  sealed,
  logger,
}: {
  url: string
  sealed: SealedTexts
  logger: Logger
}): Promise<SharedAnswers> {
  // Some hundred modules, for those who use it.
  const { createClient, ErrorReply } = await import('@redis/client')
  const client = createClient({
    url,
    socket: { connectTimeout: connectMs, reconnectStrategy: tries => Math.min(longestPauseMs, 100 * 2 ** tries) },
    disableOfflineQueue: true,
    commandsQueueMaxLength: waitingAtMost,
  })
  let told = false
  /** Told once until it is over: it comes with each attempt to connect again, and with each command. */
  const trouble = (error: unknown, what: string): void => {
    if (!told) logger.warn({ err: error }, `${what}: answers are kept by each replica on its own`)
    told = true
  }
  const well = (): void => {
    if (told) logger.info('Redis is back: answers are shared again')
    told = false
  }
  // Without a listener an error of the connection would end the process.
  client.on('error', error => trouble(error, 'Redis cannot be reached'))
  client.on('ready', well)
  client.connect().catch(() => undefined)
  let leftAloneUntil = 0
  const isUsable = (): boolean => client.isReady && Date.now() >= leftAloneUntil

  const missed = (error: unknown): undefined => {
    if (error instanceof ErrorReply) trouble(error, 'Redis refuses')
  }

  return {
    async find(key) {
      if (!isUsable()) return undefined
      const name = prefix + key
      const asked = Promise.all([client.get(name), client.pTTL(name)]).catch(missed)
      const given = await Promise.race([asked, sleep(patienceMs, 'late' as const, { ref: false })])
      if (given === 'late') {
        leftAloneUntil = Date.now() + leftAloneMs
        trouble(undefined, `Redis has not answered in ${patienceMs} ms`)
      }
      if (given === 'late' || !given) return undefined
      well()
      const [text, leftMs] = given
      if (typeof text !== 'string' || leftMs <= 0) return undefined
      try {
        const { body, ...answer } = Written.parse(JSON.parse(sealed.open(text, name)))
        return { answer: { ...answer, body: Buffer.from(body, 'base64') }, leftMs }
      } catch (error) {
        logger.warn({ err: error }, 'an answer in Redis was not written by this platform and is not used')
        return undefined
      }
    },
    keep(key, answer, ttlMs) {
      if (!isUsable()) return
      const name = prefix + key
      try {
        const text = sealed.seal(JSON.stringify({ ...answer, body: answer.body.toString('base64') }), name)
        client.set(name, text, { expiration: { type: 'PX', value: ttlMs } }).catch(missed)
      } catch (error) {
        logger.warn({ err: error }, 'an answer could not be sealed and is not shared')
      }
    },
    close: () => client.destroy(),
  }
}
