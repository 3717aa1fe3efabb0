import { isRecord, parseMember, requireModel } from '../head-members.ts'
import { scanObject, type Member } from '../json-scan.ts'
import { splice, type Edit } from '../json-splice.ts'
import type { RequestHead } from '../dialect.ts'

const wanted: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'prompt_cache_key',
])

/** @throws CausewayError invalid-json, invalid-request */
export function readChatHead(body: Buffer): RequestHead {
  const { members, inside } = scanObject(body, wanted)
  const values = new Map(members.map(member => [member.key, parseMember(body, member)]))
  const model = requireModel(values.get('model'))
  const stream = values.get('stream') === true
  const streamOptions = values.get('stream_options')
  const includeUsage = isRecord(streamOptions) && streamOptions['include_usage'] === true
  const cacheKey = values.get('prompt_cache_key')
  const spansOf = (key: string): Member[] => members.filter(member => member.key === key)
  return {
    model,
    stream,
    hideUsage: stream && !includeUsage,
    maxOutputTokens: outputLimit(values),
    cacheKey: typeof cacheKey === 'string' ? cacheKey : undefined,
    bodyFor(name, { noStreamOptions = false, refusedFields = [], tokenLimitField = 'max_tokens' } = {}) {
      const edits: Edit[] = spansOf('model').map(({ start, end }) => ({ start, end, text: JSON.stringify(name) }))
      if (refusedFields.includes('max_completion_tokens') && !values.has(tokenLimitField))
        for (const { keyStart, start } of spansOf('max_completion_tokens'))
          edits.push({ start: keyStart, end: start, text: `"${tokenLimitField}":` })
      if (stream && !includeUsage && !noStreamOptions)
        edits.push(...askForUsage(spansOf('stream_options'), isRecord(streamOptions) ? streamOptions : {}, inside))
      return splice(body, edits)
    },
  }
}

function outputLimit(values: ReadonlyMap<string, unknown>): number | undefined {
  const limit = values.get('max_completion_tokens') ?? values.get('max_tokens')
  const choices = values.get('n')
  return typeof limit === 'number' && limit > 0
    ? limit * (typeof choices === 'number' ? Math.max(1, choices) : 1)
    : undefined
}

function askForUsage(spans: readonly Member[], options: Record<string, unknown>, inside: number): Edit[] {
  const text = JSON.stringify({ ...options, include_usage: true })
  if (spans.length > 0) return spans.map(({ start, end }) => ({ start, end, text }))
  // The object is not empty, because it has a model.
  return [{ start: inside, end: inside, text: `"stream_options":${text},` }]
}
