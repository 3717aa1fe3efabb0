import type { RequestHead } from '../dialect.ts'
import { isRecord, parseMember, requireModel } from '../head-members.ts'
import { scanObject } from '../json-scan.ts'
import { splice } from '../json-splice.ts'

const wanted: ReadonlySet<string> = new Set(['model', 'stream', 'max_tokens', 'metadata'])

/** @throws CausewayError invalid-json, invalid-request */
export function readMessagesHead(body: Buffer): RequestHead {
  const { members } = scanObject(body, wanted)
  const values = new Map(members.map(member => [member.key, parseMember(body, member)]))
  const limit = values.get('max_tokens')
  const metadata = values.get('metadata')
  // Coding agents name their session here, and a session shares a prompt cache.
  const user = isRecord(metadata) ? metadata['user_id'] : undefined
  return {
    model: requireModel(values.get('model')),
    stream: values.get('stream') === true,
    hideUsage: false,
    maxOutputTokens: typeof limit === 'number' && limit > 0 ? limit : undefined,
    cacheKey: typeof user === 'string' ? user : undefined,
    bodyFor: name =>
      splice(
        body,
        members
          .filter(({ key }) => key === 'model')
          .map(({ start, end }) => ({ start, end, text: JSON.stringify(name) })),
      ),
  }
}
