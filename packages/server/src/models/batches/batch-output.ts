import { CausewayError } from '@causeway/contracts'
import type { AnswerUse } from '../dialects/dialect.ts'
import { parseMember } from '../dialects/head-members.ts'
import { scanObject, type Member } from '../dialects/json-scan.ts'
import { batchEndpoints } from './batch-input.ts'

/** What became of one request of a batch. */
export interface BatchAnswer {
  customId: string
  /** Undefined for a request that failed. */
  use: AnswerUse | undefined
}

/** Bytes. An answer with images has some tens of megabytes. */
const longestLine = 64 * 1024 * 1024
const newline = 0x0a

/** The lines of a body, as it arrives. @throws CausewayError provider-failed for a line without end */
export async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      yield Buffer.concat([...pending, chunk.subarray(from, end)])
      pending = []
      length = 0
      from = end + 1
    }
    pending.push(chunk.subarray(from))
    length += chunk.length - from
    if (length > longestLine) throw new CausewayError('provider-failed', 'A line of the output of a batch has no end.')
  }
  if (length > 0) yield Buffer.concat(pending)
}

const lineMembers: ReadonlySet<string> = new Set(['custom_id', 'response'])
const responseMembers: ReadonlySet<string> = new Set(['status_code', 'body'])

/** A line of an output or error file; undefined for one that cannot be read. */
export function readBatchAnswer(line: Buffer, endpoint: string): BatchAnswer | undefined {
  try {
    const outer = membersOf(line, lineMembers)
    const id = outer.get('custom_id')
    const customId = id && parseMember(line, id)
    if (typeof customId !== 'string') return undefined
    const response = outer.get('response')
    const inside = response && line.subarray(response.start, response.end)
    if (!inside || inside.toString('latin1') === 'null') return { customId, use: undefined }
    const inner = membersOf(inside, responseMembers)
    const [status, body] = [inner.get('status_code'), inner.get('body')]
    const succeeded = status !== undefined && parseMember(inside, status) === 200
    const use = succeeded && body && batchEndpoints[endpoint]?.relay.useOf(inside.subarray(body.start, body.end))
    return { customId, use: use || undefined }
  } catch {
    return undefined
  }
}

const membersOf = (text: Buffer, wanted: ReadonlySet<string>): Map<string, Member> =>
  new Map(scanObject(text, wanted).members.map(member => [member.key, member]))
