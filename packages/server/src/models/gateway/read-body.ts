import type { IncomingMessage } from 'node:http'
import { CausewayError } from '@causeway/contracts'

const tooLarge = (limit: number): CausewayError =>
  new CausewayError('payload-too-large', `The body may have ${limit} bytes.`)

const namesOf = (expected: RegExp): string =>
  expected.test('multipart/form-data') ? 'application/json or multipart/form-data' : 'application/json'

/**
 * Reads the whole body of a request.
 * @param limit bytes
 * @param expected what the content type must match
 * @throws CausewayError payload-too-large, unsupported-media-type, invalid-request when the client stops half-way
 */
export async function readBody(request: IncomingMessage, limit: number, expected = /json/i): Promise<Buffer> {
  const { 'content-length': length, 'content-type': type, 'content-encoding': encoding } = request.headers
  if (Number(length) > limit) throw tooLarge(limit)
  if ((type !== undefined && !expected.test(type)) || (encoding !== undefined && encoding !== 'identity'))
    throw new CausewayError('unsupported-media-type', `The body must be uncompressed ${namesOf(expected)}.`)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const onEarlyClose = (): void =>
      reject(new CausewayError('invalid-request', 'The connection closed inside the body.'))
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limit) {
        request.pause()
        reject(tooLarge(limit))
      } else chunks.push(chunk)
    })
    request.once('end', () => {
      request.off('close', onEarlyClose)
      const [only] = chunks
      resolve(chunks.length === 1 && only ? only : Buffer.concat(chunks, bytes))
    })
    request.once('error', reject)
    request.once('close', onEarlyClose)
  })
}
