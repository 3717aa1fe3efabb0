import type { ProviderSpec } from '@causeway/contracts'
import { readChatRequest } from '../dialects/openai-chat/read-request.ts'
import type { ProviderAdapter, Relay, Target } from '../providers/provider-adapter.ts'
import { beginStream } from '../routing/begin-stream.ts'
import { charactersOf } from '../token-estimate.ts'
import type { ChatAnswer } from './chat-answer.ts'
import type { ChatRequestHead } from './chat-request-head.ts'
import { relayJson } from './relay-json.ts'
import { relayStream } from './relay-stream.ts'
import { translateStream, translateWhole } from './translate-answer.ts'

interface ChatRequest {
  requestId: string
  startedAt: Date
  body: Buffer
  head: ChatRequestHead
}

/** Asks one target for an answer: as it came where the provider speaks the client's dialect, translated where not. */
export function beginAnswer(
  request: ChatRequest,
  target: Target,
  adapter: ProviderAdapter<ProviderSpec>,
  signal: AbortSignal,
): Promise<ChatAnswer> {
  const { relay } = adapter
  return relay?.dialects.has('openai-chat')
    ? relayAnswer(request, target, relay, signal)
    : translateAnswer(request, target, adapter, signal)
}

async function relayAnswer(
  { head, body }: ChatRequest,
  target: Target,
  relay: Relay<ProviderSpec>,
  signal: AbortSignal,
): Promise<ChatAnswer> {
  const upstream = await relay.send(target, head.bodyFor(target.model), { dialect: 'openai-chat', signal })
  const inputCharacters = body.length
  // Some servers answer a request for a stream with a whole answer.
  return /^text\/event-stream/i.test(upstream.headers['content-type'] ?? '')
    ? relayStream(upstream, { provider: target.provider, inputCharacters, hideUsage: !head.includeUsage })
    : relayJson(upstream, inputCharacters)
}

async function translateAnswer(
  { requestId, startedAt, body, head }: ChatRequest,
  target: Target,
  adapter: ProviderAdapter<ProviderSpec>,
  signal: AbortSignal,
): Promise<ChatAnswer> {
  const request = readChatRequest(body)
  const events = await beginStream(target.provider, adapter.stream(target, request, { signal }))
  const options = {
    head: { id: `chatcmpl-${requestId}`, created: Math.floor(startedAt.getTime() / 1000), model: target.model },
    inputCharacters: charactersOf(request),
  }
  return head.stream
    ? translateStream(events, { ...options, includeUsage: head.includeUsage })
    : translateWhole(events, options)
}
