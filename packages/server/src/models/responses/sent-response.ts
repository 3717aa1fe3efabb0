import { isRecord } from '../dialects/head-members.ts'
import { dataOf, eventsOf } from '../dialects/sse/sse-frames.ts'

/** A response that is over, as a client was given it. */
export interface SentResponse {
  id: string
  output: unknown[]
  /** The response as JSON. */
  json: string
}

/** The response in a whole answer, or in the last events of a stream; undefined when it did not end well. */
export function readSentResponse(sent: Buffer | string): SentResponse | undefined {
  const bytes = Buffer.from(sent)
  return bytes.subarray(0, 100).toString('latin1').trimStart().startsWith('{')
    ? ended(parsed(bytes.toString('utf8')))
    : [...eventsOf(bytes)].map(event => ended(responseIn(parsed(dataOf(event))))).find(Boolean)
}

const responseIn = (event: unknown): unknown =>
  isRecord(event) && (event['type'] === 'response.completed' || event['type'] === 'response.incomplete')
    ? event['response']
    : undefined

function ended(response: unknown): SentResponse | undefined {
  if (!isRecord(response)) return undefined
  const { id, output, status } = response
  if (typeof id !== 'string' || !Array.isArray(output) || status === 'failed' || status === 'cancelled')
    return undefined
  return { id, output, json: JSON.stringify(response) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
