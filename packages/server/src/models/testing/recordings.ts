import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { EventStreamCodec } from '@smithy/core/event-streams'
import * as z from 'zod'

const folder = new URL('../../../../../../shared/fixtures/providers/', import.meta.url)

const Recording = z.object({
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
  tags: z.array(z.string()).default([]),
  request: z.object({ body: z.unknown().optional() }).nullish(),
  response: z.object({
    status: z.number().default(200),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.unknown().optional(),
    sse_text: z.string().optional(),
    /** An AWS event stream; where its bytes were not kept, only its messages. */
    body_base64: z.string().optional(),
    events: z.array(z.object({ headers: z.record(z.string(), z.string()), payload: z.unknown() })).optional(),
  }),
})
export type Recording = z.infer<typeof Recording> & { name: string }

/** Exchanges with real providers, where a collection of them lies beside the repository; none where it does not. */
export function recordings(provider: string, endpoint: string): Recording[] {
  const place = new URL(`${provider}/${endpoint}/`, folder)
  if (!existsSync(place)) return []
  return readdirSync(place)
    .filter(name => name.endsWith('.json'))
    .map(name => ({ ...Recording.parse(JSON.parse(readFileSync(new URL(name, place), 'utf8'))), name }))
}

/** All of them, of every provider and endpoint. */
export function allRecordings(): Recording[] {
  if (!existsSync(folder)) return []
  return subfolders(folder).flatMap(provider =>
    subfolders(new URL(`${provider}/`, folder)).flatMap(endpoint => recordings(provider, endpoint)),
  )
}

const subfolders = (place: URL): string[] =>
  readdirSync(place, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('_'))
    .map(({ name }) => name)

const codec = new EventStreamCodec(
  bytes => Buffer.from(bytes).toString('utf8'),
  text => Buffer.from(text, 'utf8'),
)

/** The bytes of a streamed answer. */
export function streamBytes({ response: { sse_text: text, body_base64: base64, events = [] } }: Recording): Buffer {
  if (text !== undefined) return Buffer.from(text)
  if (base64 !== undefined) return Buffer.from(base64, 'base64')
  return Buffer.concat(
    events.map(({ headers, payload }) =>
      codec.encode({
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, { type: 'string', value } as const]),
        ),
        body: Buffer.from(JSON.stringify(payload)),
      }),
    ),
  )
}

/** Bytes as they may come: in pieces that end anywhere. */
export async function* inPieces(bytes: Buffer, size = 61): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}
