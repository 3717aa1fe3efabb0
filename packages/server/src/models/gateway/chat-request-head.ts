import { CausewayError } from '@causeway/contracts'
import { scanObject, type Member } from './json-scan.ts'
import { splice, type Edit } from './json-splice.ts'

/** What the gateway needs to know of a chat completion request. The rest of it is not read. */
export interface ChatRequestHead {
  model: string
  stream: boolean
  /** Whether the client asked for a chunk with the usage at the end of a stream. */
  includeUsage: boolean
  /** The most that the answer may have, over all choices; undefined when the request sets no limit. */
  maxOutputTokens: number | undefined
  /** The body for a provider of the same dialect: another model name, and usage asked for in streams. */
  bodyFor(model: string): Buffer
}

const wanted: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'n',
])

/** @throws CausewayError invalid-json, invalid-request */
export function readChatRequestHead(body: Buffer): ChatRequestHead {
  const { members, inside } = scanObject(body, wanted)
  const values = new Map(members.map(member => [member.key, parseMember(body, member)]))
  const model = values.get('model')
  if (typeof model !== 'string' || model === '')
    throw new CausewayError('invalid-request', 'The request names no model.', {
      problems: [{ pointer: '/model', message: 'expected the name of a route, or provider/model' }],
    })
  const stream = values.get('stream') === true
  const streamOptions = values.get('stream_options')
  const includeUsage = isRecord(streamOptions) && streamOptions['include_usage'] === true
  const spansOf = (key: string): Member[] => members.filter(member => member.key === key)
  return {
    model,
    stream,
    includeUsage,
    maxOutputTokens: outputLimit(values),
    bodyFor(name) {
      const edits: Edit[] = spansOf('model').map(({ start, end }) => ({ start, end, text: JSON.stringify(name) }))
      if (stream && !includeUsage)
        edits.push(...askForUsage(spansOf('stream_options'), isRecord(streamOptions) ? streamOptions : {}, inside))
      return splice(body, edits)
    },
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function parseMember(body: Buffer, { start, end }: Member): unknown {
  try {
    return JSON.parse(body.toString('utf8', start, end))
  } catch (error) {
    throw new CausewayError('invalid-json', `The body cannot be parsed at byte ${start}.`, { cause: error })
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
