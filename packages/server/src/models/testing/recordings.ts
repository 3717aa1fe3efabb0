import { existsSync, readdirSync, readFileSync } from 'node:fs'
import * as z from 'zod'

const folder = new URL('../../../../../../shared/fixtures/providers/', import.meta.url)

const Recording = z.object({
  model: z.string().nullish(),
  stream: z.boolean().nullish(),
  tags: z.array(z.string()).default([]),
  request: z.object({ body: z.unknown() }).nullish(),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.unknown().optional(),
    sse_text: z.string().optional(),
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
