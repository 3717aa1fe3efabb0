import { CausewayError } from '@causeway/contracts'
import type { ClientDialect } from '../dialects/dialect.ts'
import { isRecord, parseMember } from '../dialects/head-members.ts'
import { scanObject } from '../dialects/json-scan.ts'
import { openAiChat } from '../dialects/openai-chat/index.ts'
import { openAiResponses } from '../dialects/openai-responses/index.ts'
import { readOperationHead } from '../operations/operation-head.ts'

/** What the requests of a batch may ask for, with the dialect in which answers tell what they used. */
export const batchEndpoints: Readonly<Record<string, ClientDialect>> = {
  '/v1/chat/completions': openAiChat,
  '/v1/responses': openAiResponses,
  // What embeddings have used is told as chat completions tell it.
  '/v1/embeddings': openAiChat,
}

/** What a file of requests asks for, all together. */
export interface BatchTotals {
  endpoint: string
  /** The name of a Route, or `provider/model`: one for all requests. */
  route: string
  requests: number
  /** Bytes that the model reads, about. */
  inputCharacters: number
  /** The most that all answers may have. */
  maxOutputTokens: number
}

export interface BatchInput extends BatchTotals {
  /** What each request says, for guardrails. */
  contents(): unknown[]
  /** The file with the name that the model has at a provider, and with each request as `change` gives it back. */
  write(model: string, change: (body: Buffer) => Buffer): Buffer
}

/** Requests in one file. Source: https://platform.openai.com/docs/api-reference/batch */
const requestsAtMost = 50_000
/** Tokens that an answer is assumed to have at most when its request sets no limit. */
const assumedOutputTokens = 4096

const lineMembers: ReadonlySet<string> = new Set(['custom_id', 'method', 'url', 'body'])
const newline = 0x0a

interface Line {
  /** Where the body of the request stands in the file. */
  start: number
  end: number
  endpoint: string
  route: string
  maxOutputTokens: number
}

/**
 * Reads the requests of a batch, one JSON object a line.
 * @throws CausewayError invalid-request with the number of the line
 */
export function readBatchInput(file: Buffer): BatchInput {
  const lines: Line[] = []
  const ids = new Set<string>()
  for (let at = 0, number = 1; at < file.length; number++) {
    const newlineAt = file.indexOf(newline, at)
    const end = newlineAt < 0 ? file.length : newlineAt
    const text = file.subarray(at, end)
    if (text.toString('utf8').trim() !== '') lines.push(readLine(text, { at, number, ids }))
    if (lines.length > requestsAtMost)
      throw new CausewayError('payload-too-large', `A batch may have ${requestsAtMost} requests.`)
    at = end + 1
  }
  const [first] = lines
  if (!first) throw new CausewayError('invalid-request', 'The file of the batch has no requests.')
  const other = lines.findIndex(({ endpoint, route }) => endpoint !== first.endpoint || route !== first.route)
  if (other > 0)
    throw new CausewayError(
      'invalid-request',
      `All requests of a batch go to one endpoint and one model; request ${other + 1} differs from the first.`,
    )
  return {
    endpoint: first.endpoint,
    route: first.route,
    requests: lines.length,
    inputCharacters: lines.reduce((sum, { start, end }) => sum + end - start, 0),
    maxOutputTokens: lines.reduce((sum, line) => sum + line.maxOutputTokens, 0),
    contents: () => lines.map(({ start, end }): unknown => JSON.parse(file.toString('utf8', start, end))),
    write(model, change) {
      const parts: Buffer[] = []
      let from = 0
      for (const { start, end } of lines) {
        const body = file.subarray(start, end)
        parts.push(file.subarray(from, start), change(readOperationHead(body).bodyFor(model)))
        from = end
      }
      parts.push(file.subarray(from))
      return Buffer.concat(parts)
    },
  }
}

function readLine(text: Buffer, { at, number, ids }: { at: number; number: number; ids: Set<string> }): Line {
  const refuse = (why: string): CausewayError =>
    new CausewayError('invalid-request', `Line ${number} of the file: ${why}`, {
      problems: [{ pointer: '/file', message: `line ${number}: ${why}` }],
    })
  try {
    const found = new Map(scanObject(text, lineMembers).members.map(member => [member.key, member]))
    const valueOf = (key: string): unknown => {
      const member = found.get(key)
      return member && parseMember(text, member)
    }
    const [id, url, body] = [valueOf('custom_id'), valueOf('url'), found.get('body')]
    if (typeof id !== 'string' || id === '' || ids.has(id)) throw refuse('expected a custom_id that no other line has.')
    ids.add(id)
    if (valueOf('method') !== 'POST') throw refuse('expected the method POST.')
    const dialect = typeof url === 'string' && Object.hasOwn(batchEndpoints, url) ? batchEndpoints[url] : undefined
    if (typeof url !== 'string' || !dialect)
      throw refuse(`expected one of the urls ${Object.keys(batchEndpoints).join(', ')}.`)
    if (!body || !isRecord(parseMember(text, body))) throw refuse('expected a body.')
    const head = dialect.readHead(text.subarray(body.start, body.end), {})
    return {
      start: at + body.start,
      end: at + body.end,
      endpoint: url,
      route: head.model,
      maxOutputTokens: url === '/v1/embeddings' ? 0 : (head.maxOutputTokens ?? assumedOutputTokens),
    }
  } catch (error) {
    throw error instanceof CausewayError && !error.message.startsWith('Line ') ? refuse(error.message) : error
  }
}
