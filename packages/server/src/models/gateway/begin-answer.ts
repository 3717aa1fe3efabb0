import type { ProviderSpec } from '@causeway/contracts'
import type { Quirks } from '../dialects/dialect.ts'
import { leaveOut } from '../dialects/leave-out.ts'
import { takesSchemas } from '../dialects/schema-in-words.ts'
import type { ProviderAdapter, Relay, Target } from '../providers/provider-adapter.ts'
import { beginStream } from '../routing/begin-stream.ts'
import { charactersOf } from '../token-estimate.ts'
import type { BegunAnswer } from './begun-answer.ts'
import { droppedHeader } from './dropped-header.ts'
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
  const quirks = relay?.quirks?.(target)
  return relay?.dialects(target).includes(call.dialect.name) && (!quirks || isUnderstood(call, quirks))
    ? relayAnswer(call, target, relay, signal)
    : translateAnswer(call, target, adapter, signal)
}

/** Whether a server understands a request of its own dialect as it is. */
const isUnderstood = (call: GenerateCall, quirks: Quirks): boolean =>
  (takesSchemas(quirks) || call.request().output?.type !== 'json-schema') &&
  !(quirks.noDeveloperRole && call.body.includes('"developer"'))

async function relayAnswer(
  { dialect, head, body, headers, framing }: GenerateCall,
  target: Target,
  relay: Relay<ProviderSpec>,
  signal: AbortSignal,
): Promise<BegunAnswer> {
  const quirks = relay.quirks?.(target) ?? {}
  const { body: sent, left } = withoutRefused(head.bodyFor(target.model, quirks), quirks)
  const upstream = await relay.send(target, sent, {
    dialect: dialect.name,
    operation: 'generate',
    stream: head.stream,
    clientHeaders: headers,
    signal,
  })
  const inputCharacters = body.length
  // Some servers answer a request for a stream with a whole answer.
  const answer = /^text\/event-stream/i.test(upstream.headers['content-type'] ?? '')
    ? await relayStream(upstream, {
        dialect,
        inputCharacters,
        provider: target.provider,
        hideUsage: head.hideUsage,
        framing,
      })
    : await relayJson(upstream, { reader: dialect.relay, inputCharacters })
  if (left.length === 0) return answer
  return {
    ...answer,
    send: (response, own, keep) => answer.send(response, { ...own, ...droppedHeader(left) }, keep),
  }
}

/** What a client sends that the server would refuse for a member that it does not know. */
function withoutRefused(
  body: Buffer,
  { refusedFields = [], noStreamOptions = false }: Quirks,
): { body: Buffer; left: string[] } {
  if (refusedFields.length === 0 && !noStreamOptions) return { body, left: [] }
  const left = leaveOut(body, noStreamOptions ? [...refusedFields, 'stream_options'] : refusedFields)
  // Usage is told without being asked for.
  return { ...left, left: left.left.filter(field => field !== 'stream_options') }
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
