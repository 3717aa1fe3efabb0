import type { RequestHead } from '../dialect.ts'
import { parseMember, requireModel } from '../head-members.ts'
import { scanObject } from '../json-scan.ts'
import { splice } from '../json-splice.ts'
import { requireServed } from './require-served.ts'

const wanted: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'max_output_tokens',
  'prompt_cache_key',
  'background',
  'conversation',
  'previous_response_id',
])

/** @throws CausewayError invalid-json, invalid-request, not-found */
export function readResponsesHead(body: Buffer): RequestHead {
  const { members } = scanObject(body, wanted)
  const values = Object.fromEntries(members.map(member => [member.key, parseMember(body, member)]))
  const { stream, max_output_tokens: limit, prompt_cache_key: cacheKey } = values
  const model = requireModel(values['model'])
  requireServed(values)
  return {
    model,
    stream: stream === true,
    hideUsage: false,
    maxOutputTokens: typeof limit === 'number' && limit > 0 ? limit : undefined,
    cacheKey: typeof cacheKey === 'string' ? cacheKey : undefined,
    bodyFor(name) {
      const spans = members.filter(({ key }) => key === 'model')
      return splice(
        body,
        spans.map(({ start, end }) => ({ start, end, text: JSON.stringify(name) })),
      )
    },
  }
}
