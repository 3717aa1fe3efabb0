import { addAbortListener } from 'node:events'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Caller } from '../../identity/index.ts'
import type { RequestAddress } from '../dialects/dialect.ts'
import type { CallGuard } from '../guarding/call-guard.ts'
import { priceCall } from '../prices/price-call.ts'
import type { Attempted } from '../routing/attempt-targets.ts'
import type { RoutePlan } from '../routing/order-targets.ts'
import type { ResolvedRoute } from '../routing/resolve-route.ts'
import { targetName } from '../routing/target-latency.ts'
import { noTokens } from '../token-usage.ts'
import { longestKept, type AnswerCache } from './answer-cache.ts'
import type { BegunAnswer, OutgoingHeaders } from './begun-answer.ts'
import { cacheKey } from './cache-key.ts'
import type { CallAccount } from './call-account.ts'
import type { KeptAnswer } from './shared-answers.ts'
import { semanticQuestion } from './semantic-question.ts'
import { copyResponse, type ResponseCopy } from './copy-response.ts'
import type { GenerateCall } from './generate-call.ts'

interface CachedCallOptions {
  cache: AnswerCache
  caller: Caller
  guard: CallGuard
  call: GenerateCall
  address: RequestAddress
  account: CallAccount
  response: ServerResponse
  /** The gateway's own headers of this call. */
  headers: OutgoingHeaders
  signal: AbortSignal
  now: () => number
  /** The embedding of a text by a model of a route; undefined when there is none to be had. */
  embed: (route: string, text: string) => Promise<Float32Array | undefined>
}

/** One call of a route that keeps answers. Disposing lets those go on that wait for its answer. */
export interface CachedCall extends Disposable {
  /**
   * The answer that is kept for the question. Where it is being asked by another call, that one is waited for, once.
   * @throws BudgetExceeded, the reason of the signal
   */
  find(route: ResolvedRoute, plan: RoutePlan): Promise<Attempted<BegunAnswer> | undefined>
  /** Keeps what the client was sent, where it may be given again. */
  keep(begun: Attempted<BegunAnswer>): void
}

interface EmbeddedQuestion {
  partition: string
  embedding: Float32Array
}

/** Ends that are the same for everybody who asks. Of an answer with tool calls the effects are wanted, not the words. */
const worthKeeping: ReadonlySet<unknown> = new Set(['stop', 'stop-sequence', 'length'])

export function createCachedCall(options: CachedCallOptions): CachedCall {
  const { cache, caller, guard, call, address, account, response, headers, signal, now, embed } = options
  const { noCache, noStore } = wishesOf(call.headers)
  let asked:
    | {
        key: string
        ttlMs: number
        lead: Disposable
        copy: () => ResponseCopy | undefined
        question?: EmbeddedQuestion
      }
    | undefined

  const findKept = async (key: string, plan: RoutePlan) => {
    const kept = await cache.find(key)
    const target = kept && plan.targets.find(each => targetName(each) === kept.target)
    if (!kept || !target || !(await account.admitKept(target, kept))) return undefined
    Object.assign(headers, { 'causeway-cache': 'hit', age: Math.floor((now() - kept.keptAt) / 1000) })
    return { answer: keptAnswer(kept), target, attempts: [] }
  }

  /** An answer to a question that means the same. Where there is none, the question is noted for the answer that will come. */
  const findSimilar = async (route: ResolvedRoute, plan: RoutePlan) => {
    const { semantic } = route.spec.cache ?? {}
    const question = semantic && semanticQuestion(caller, guard, route, call, address)
    const embedding = question && (await embed(semantic.embeddings, question.text))
    if (!question || !embedding) return undefined
    const embedded = { partition: question.partition, embedding }
    const nearest = noCache ? undefined : cache.nearest(embedded, semantic.threshold)
    const kept = nearest && (await findKept(nearest.key, plan))
    if (kept) headers['causeway-cache-similarity'] = nearest.similarity.toFixed(4)
    else if (asked) asked.question = embedded
    return kept
  }

  return {
    async find(route, plan) {
      const { cache: terms } = route.spec
      if (!terms || noStore) return undefined
      const key = cacheKey(caller, guard, route, call, address)
      if (!noCache) {
        const kept = await findKept(key, plan)
        if (kept) return kept
        const other = cache.asking(key)
        if (other) {
          await untilAborted(other, signal)
          const given = await findKept(key, plan)
          if (given) return given
        }
      }
      asked?.lead[Symbol.dispose]()
      asked = {
        key,
        ttlMs: terms.ttlSeconds * 1000,
        lead: cache.ask(key),
        copy: asked?.copy ?? copyResponse(response, longestKept),
      }
      const similar = await findSimilar(route, plan)
      if (similar) return similar
      headers['causeway-cache'] = 'miss'
      account.missed()
      return undefined
    },
    keep({ answer, target }) {
      const { usage, usageEstimated, billing, finishReason } = answer.use()
      const copy = asked?.copy()
      // What was kept already does not become fresh by being given again.
      if (headers['causeway-cache'] === 'hit') return
      if (!asked || !copy || !finishReason || !worthKeeping.has(finishReason)) return
      const { spec, model } = target
      const { cost } = priceCall({ spec, model, usage, usageEstimated, billing, at: call.startedAt })
      const told = Object.fromEntries(Object.entries(copy.headers).filter(([name]) => !(name in headers)))
      const kept = {
        ...copy,
        headers: told,
        target: targetName(target),
        finishReason,
        nanoUsd: cost.nanoUsd,
        keptAt: now(),
      }
      cache.keep(asked.key, kept, asked.ttlMs, asked.question)
    },
    [Symbol.dispose]: () => asked?.lead[Symbol.dispose](),
  }
}

/** What a client says of caches. Source: RFC 9111, section 5.2.1. */
function wishesOf({ 'cache-control': given = '' }: IncomingHttpHeaders): { noCache: boolean; noStore: boolean } {
  const directives = given.toLowerCase().split(/[\s,]+/)
  return { noCache: directives.includes('no-cache'), noStore: directives.includes('no-store') }
}

const keptAnswer = ({ status, headers, body, finishReason }: KeptAnswer): BegunAnswer => ({
  async send(response, own) {
    response.writeHead(status, { ...own, ...headers })
    response.end(body)
  },
  emitted: () => Promise.resolve(undefined),
  use: () => ({ usage: noTokens, usageEstimated: false, finishReason }),
})

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<void>()
  using _ = addAbortListener(signal, () => reject(signal.reason))
  await Promise.race([promise, aborted])
}
