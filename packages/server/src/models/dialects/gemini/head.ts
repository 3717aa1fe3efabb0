import type { RequestAddress, RequestHead } from '../dialect.ts'
import { isRecord, parseMember, requireModel } from '../head-members.ts'
import { scanObject, type Member } from '../json-scan.ts'
import { splice } from '../json-splice.ts'

/** Where a request to count tokens may hold the whole request for an answer. */
const nested: readonly string[] = ['generateContentRequest', 'generate_content_request']

const wanted: ReadonlySet<string> = new Set([
  'model',
  'generationConfig',
  'generation_config',
  'cachedContent',
  'cached_content',
  ...nested,
])

/** @throws CausewayError invalid-json, invalid-request */
export function readGeminiHead(body: Buffer, { model, stream = false }: RequestAddress): RequestHead {
  const { members } = scanObject(body, wanted)
  const valueOf = (...keys: string[]): unknown => {
    const member = members.findLast(({ key }) => keys.includes(key))
    return member && parseMember(body, member)
  }
  const cachedContent = valueOf('cachedContent', 'cached_content')
  return {
    model: requireModel(model),
    stream,
    // Usage is part of every answer in this dialect.
    hideUsage: false,
    maxOutputTokens: outputLimit(valueOf('generationConfig', 'generation_config')),
    cacheKey: typeof cachedContent === 'string' ? cachedContent : undefined,
    bodyFor(name) {
      // The name stands in the address; where a client repeats it in the body, both have to be the same.
      const text = JSON.stringify(name.includes('/') ? name : `models/${name}`)
      const edits = [...members, ...membersInside(body, members)]
        .filter(({ key }) => key === 'model')
        .map(({ start, end }) => ({ start, end, text }))
      return edits.length > 0 ? splice(body, edits) : body
    },
  }
}

function membersInside(body: Buffer, members: readonly Member[]): Member[] {
  return members
    .filter(({ key }) => nested.includes(key))
    .flatMap(({ start: offset, end: behind }) =>
      scanObject(body.subarray(offset, behind), wanted).members.map(({ key, keyStart, start, end }) => ({
        key,
        keyStart: keyStart + offset,
        start: start + offset,
        end: end + offset,
      })),
    )
}

function outputLimit(settings: unknown): number | undefined {
  if (!isRecord(settings)) return undefined
  const limit = settings['maxOutputTokens'] ?? settings['max_output_tokens']
  const candidates = settings['candidateCount'] ?? settings['candidate_count']
  if (typeof limit !== 'number' || limit <= 0) return undefined
  return limit * (typeof candidates === 'number' ? Math.max(1, candidates) : 1)
}
