import * as z from 'zod'
import type { Availability, SpecOf, Target } from '../provider-adapter.ts'
import { readAtMost } from '../transport/read-body.ts'
import type { Upstream } from '../transport/upstream.ts'
import { apiKeysOf } from '../api-keys.ts'

const probeMs = 500
const freshMs = 10_000
/** An answer this old is no longer used while a new one is fetched. */
const staleMs = 60_000
const cacheLimit = 1000
/** Bytes; OpenRouter's list has hundreds of models. */
const listLimit = 8 * 1024 * 1024

const ModelList = z.object({ data: z.array(z.object({ id: z.string() })).catch([]) })

type Answer = { reachable: true; models: string[] } | { reachable: false; why: string }
interface Entry {
  at: number
  answer: Answer | undefined
  pending: Promise<Answer> | undefined
}
type ProbedTarget = Target<SpecOf<'openai-compatible'>> & { headers: Record<string, string> }

/**
 * Asks a server which models it has, to find out whether it is there at all. Concurrent requests share one probe, and
 * while an answer is renewed the old one is used.
 */
export function createModelProbe({ upstream, now }: { upstream: Upstream; now: () => number }) {
  const entries = new Map<string, Entry>()

  const ask = async ({ provider, spec, headers }: ProbedTarget): Promise<Answer> => {
    const why = `nothing answers at ${spec.baseUrl}`
    try {
      const signal = AbortSignal.timeout(probeMs)
      const response = await upstream.send({
        provider,
        method: 'GET',
        url: `${spec.baseUrl.replace(/\/+$/, '')}/models`,
        headers: { ...headers, 'accept-encoding': 'identity' },
        signal,
      })
      const body = await readAtMost(response.body, listLimit)
      if (response.status !== 200)
        return { reachable: false, why: `${spec.baseUrl} answers with status ${response.status}` }
      return { reachable: true, models: ModelList.parse(JSON.parse(body.toString())).data.map(({ id }) => id) }
    } catch {
      return { reachable: false, why }
    }
  }

  const refresh = (entry: Entry, target: ProbedTarget): Promise<Answer> => {
    entry.pending ??= ask(target).then(answer => {
      Object.assign(entry, { at: now(), answer, pending: undefined } satisfies Entry)
      return answer
    })
    return entry.pending
  }

  return (target: ProbedTarget): Availability | Promise<Availability> => {
    if (entries.size >= cacheLimit) entries.clear()
    const key = `${target.spec.baseUrl} ${apiKeysOf(target.spec)
      .map(({ secret }) => secret)
      .join(' ')}`
    const entry = entries.get(key) ?? { at: 0, answer: undefined, pending: undefined }
    entries.set(key, entry)
    const age = now() - entry.at
    if (!entry.answer || age > staleMs) return refresh(entry, target).then(answer => availabilityOf(target, answer))
    if (age > freshMs) void refresh(entry, target)
    return availabilityOf(target, entry.answer)
  }
}

function availabilityOf({ spec, model }: ProbedTarget, answer: Answer): Availability {
  if (!answer.reachable) return { available: false, why: answer.why }
  if (model !== 'auto') return { available: true, model }
  const [first] = answer.models
  return first === undefined
    ? { available: false, why: `${spec.baseUrl} has no model` }
    : { available: true, model: first }
}
