import type { ProviderSpec } from '@causeway/contracts'
import type { ProviderAdapter, Relay, Target } from '../providers/provider-adapter.ts'
import { beginStream } from '../routing/begin-stream.ts'
import { charactersOf } from '../token-estimate.ts'
import type { BegunAnswer } from './begun-answer.ts'
import type { GenerateCall } from './generate-call.ts'
import { relayJson } from './relay-json.ts'
import { relayStream } from './relay-stream.ts'
import { translateStream, translateWhole } from './translate-answer.ts'

/** Asks one target for an answer: as it came where the provider speaks the client's dialect, translated where not. */
export function beginAnswer(
  call: GenerateCall,
  target: Target,
  adapter: ProviderAdapter<ProviderSpec>,
  signal: AbortSignal,
): Promise<BegunAnswer> {
  const { relay } = adapter
  return relay?.dialects(target).includes(call.dialect.name)
    ? relayAnswer(call, target, relay, signal)
    : translateAnswer(call, target, adapter, signal)
}

async function relayAnswer(
  { dialect, head, body, headers, framing }: GenerateCall,
  target: Target,
  relay: Relay<ProviderSpec>,
  signal: AbortSignal,
): Promise<BegunAnswer> {
  const upstream = await relay.send(target, head.bodyFor(target.model), {
    dialect: dialect.name,
    operation: 'generate',
    stream: head.stream,
    clientHeaders: headers,
    signal,
  })
  const inputCharacters = body.length
  // Some servers answer a request for a stream with a whole answer.
  return /^text\/event-stream/i.test(upstream.headers['content-type'] ?? '')
    ? relayStream(upstream, { dialect, inputCharacters, provider: target.provider, hideUsage: head.hideUsage, framing })
    : relayJson(upstream, { reader: dialect.relay, inputCharacters })
}

async function translateAnswer(
  call: GenerateCall,
  target: Target,
  adapter: ProviderAdapter<ProviderSpec>,
  signal: AbortSignal,
): Promise<BegunAnswer> {
  const request = call.request()
  const dropped: string[] = []
  const stream = adapter.stream(target, request, { signal, onDropped: fields => dropped.push(...fields) })
  const events = await beginStream(target.provider, stream)
  const options = {
    dialect: call.dialect,
    head: call.answerHead(target.model),
    inputCharacters: charactersOf(request),
    dropped,
    framing: call.framing,
  }
  return call.head.stream ? translateStream(events, options) : translateWhole(events, options)
}
