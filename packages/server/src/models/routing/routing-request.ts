import { hash } from 'node:crypto'
import type { ModelCapability } from '@causeway/contracts'
import type { ModelRequest } from '../model-request.ts'
import { charactersOf, estimateTokens } from '../token-estimate.ts'
import { needsOf } from './needs-of.ts'

/** For whom a call is made. */
export interface RoutingCaller {
  key: string
  team: string | null
  environment: string
  role: string
}

/** What is known of a request when its route is chosen. What costs a look into the body is asked for only when a route needs it. */
export interface RoutingRequest {
  caller: RoutingCaller
  model: string
  stream: boolean
  /** Estimated from the length of the request. */
  inputTokens: number
  maxOutputTokens: number | undefined
  /** The client's own wish to share a prompt cache with other requests. */
  cacheKey: string | undefined
  /** A name for the conversation, which its later turns have too. */
  conversation(): string
  /** Whom the client answers, as it names the person. */
  user(): string | undefined
  /** What the client wrote beside the request to tell it apart. */
  metadata(): Record<string, unknown>
  /** What the model must be able to do. */
  needs(): ReadonlySet<ModelCapability>
}

/** By how it begins, up to the first message of the user. */
function conversationIn({ messages }: ModelRequest): string {
  const first = messages.findIndex(({ role }) => role === 'user')
  return hash('sha256', JSON.stringify(messages.slice(0, first + 1)), 'base64')
}

/** The request of a call that comes from inside the platform. */
export const routingRequestFor = (request: ModelRequest, caller: Partial<RoutingCaller> = {}): RoutingRequest => ({
  caller: { key: '', team: null, environment: '', role: '', ...caller },
  model: request.route,
  stream: true,
  inputTokens: estimateTokens(charactersOf(request)),
  maxOutputTokens: request.maxOutputTokens,
  cacheKey: request.cacheKey,
  conversation: () => conversationIn(request),
  user: () => request.user,
  metadata: () => ({}),
  needs: () => needsOf(request),
})
