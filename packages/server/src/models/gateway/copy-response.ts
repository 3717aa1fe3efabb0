import type { ServerResponse } from 'node:http'
import type { OutgoingHeaders } from './begun-answer.ts'

export interface ResponseCopy {
  status: number
  headers: OutgoingHeaders
  body: Buffer
}

/**
 * Copies what is sent on a response. Only this response is watched: writeHead with headers by name, write and end.
 * @param limit bytes; nothing is kept of a longer body
 * @returns what was sent when it has ended, undefined before and for a longer one
 */
export function copyResponse(response: ServerResponse, limit: number): () => ResponseCopy | undefined {
  const { writeHead, write, end } = response
  let head: Pick<ResponseCopy, 'status' | 'headers'> | undefined
  let chunks: Buffer[] | undefined = []
  let length = 0
  let ended = false
  const add = (data: unknown): void => {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) return
    const chunk = Buffer.from(data)
    length += chunk.length
    if (length > limit) chunks = undefined
    chunks?.push(chunk)
  }
  response.writeHead = ((status: number, headers: OutgoingHeaders) => {
    head = { status, headers }
    return writeHead.call(response, status, headers)
  }) as ServerResponse['writeHead']
  response.write = (data: string | Uint8Array) => {
    add(data)
    return write.call(response, data, 'utf8')
  }
  response.end = (data?: unknown) => {
    add(data)
    ended = true
    return end.call(response, data, 'utf8')
  }
  return () => (head && chunks && ended ? { ...head, body: Buffer.concat(chunks) } : undefined)
}
