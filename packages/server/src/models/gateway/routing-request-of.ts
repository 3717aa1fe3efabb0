import type { Caller } from '../../identity/index.ts'
import { isRecord, parseMember } from '../dialects/head-members.ts'
import { scanObject } from '../dialects/json-scan.ts'
import type { RoutingRequest } from '../routing/routing-request.ts'
import { estimateTokens } from '../token-estimate.ts'
import { conversationOf } from './conversation-of.ts'
import type { RequestHead } from '../dialects/dialect.ts'

/** Where the dialects let a client say whom it answers, and what else it wants to note. */
const wanted: ReadonlySet<string> = new Set(['user', 'safety_identifier', 'metadata', 'labels'])
/** Characters of a name; rules match it with patterns. */
const nameLength = 256

interface RoutedRequest {
  head: Pick<RequestHead, 'model' | 'stream' | 'maxOutputTokens' | 'cacheKey'>
  body: Buffer
  needs: RoutingRequest['needs']
}

/** What a route can be chosen by. The body is looked into only when a route asks for it. */
export function routingRequestOf({ head, body, needs }: RoutedRequest, caller: Caller): RoutingRequest {
  let noted: Record<string, unknown> | undefined
  const notes = (): Record<string, unknown> => (noted ??= notesIn(body))
  const metadata = (): Record<string, unknown> => {
    const { metadata: given, labels } = notes()
    return isRecord(given) ? given : isRecord(labels) ? labels : {}
  }
  return {
    caller: { key: caller.keyId, team: caller.teamId, environment: caller.environment, role: caller.role },
    model: head.model,
    stream: head.stream,
    inputTokens: estimateTokens(body.length),
    maxOutputTokens: head.maxOutputTokens,
    cacheKey: head.cacheKey,
    conversation: () => conversationOf(body),
    metadata,
    user() {
      const { user, safety_identifier: identifier } = notes()
      const name = [user, identifier, metadata()['user_id']].find(each => typeof each === 'string')
      return name?.slice(0, nameLength)
    },
    needs,
  }
}

const notesIn = (body: Buffer): Record<string, unknown> =>
  Object.fromEntries(scanObject(body, wanted).members.map(member => [member.key, parseMember(body, member)]))
