import type { ProviderSpec } from '@causeway/contracts'
import type { IncomingHttpHeaders } from 'node:http'
import type { Secrets } from '../../secrets/index.ts'
import type { DialectName } from '../dialects/dialect-name.ts'
import type { Quirks, UpstreamDialect } from '../dialects/dialect.ts'
import type { Availability, FilesRequest, Operation, ProviderAdapter, Target } from './provider-adapter.ts'
import { embedInParts } from '../operations/embeddings/in-parts.ts'
import type { MediaPath } from '../operations/media-path.ts'
import type { OperationDialect, WholeOperation } from '../operations/operation-dialect.ts'
import { failedAnswer } from './transport/failed-answer.ts'
import { readAtMost } from './transport/read-body.ts'
import { timeoutsOf } from './transport/timeouts-of.ts'
import type { Upstream, UpstreamResponse } from './transport/upstream.ts'

// Bytes. Two thousand embeddings with three thousand numbers each have some tens of megabytes.
const operationAnswerLimit = 128 * 1024 * 1024

/** A request to a provider that lacks only its address and credentials. */
export interface OutgoingCall {
  dialect: DialectName
  operation: Operation
  stream: boolean
  body: Buffer
  /** Those of the client where its request is relayed. */
  clientHeaders?: IncomingHttpHeaders
}

/** A request as it is sent. */
export interface AddressedCall {
  url: string
  headers: Record<string, string>
  /** Where the provider wants it changed or signed; the body of the call when absent. */
  body?: Buffer
}

/** What is special about a provider that is reached over HTTP. */
export interface HttpProvider<Spec extends ProviderSpec> {
  availability(target: Target<Spec>): Availability | Promise<Availability>
  /** The dialects that the provider speaks for this model. What has to be translated is translated to the first. */
  dialects(target: Target<Spec>): readonly [UpstreamDialect, ...UpstreamDialect[]]
  quirks?(target: Target<Spec>): Quirks
  /** Whether a model goes on with a last message of the assistant; where this is absent the quirks say. */
  continues?(target: Target<Spec>): boolean
  /** How the provider takes embeddings and the like; absent where it has none. */
  operations?(target: Target<Spec>): Partial<Record<WholeOperation, OperationDialect>>
  /** Where a request for images or speech goes; absent where the provider has none. */
  media?(target: Target<Spec>, path: MediaPath): AddressedCall
  /** Where a request about files or batches goes; absent where the provider has none. */
  files?(target: Target<Spec>, path: string): AddressedCall
  address(target: Target<Spec>, call: OutgoingCall): AddressedCall | Promise<AddressedCall>
}

/** An adapter for a provider that is reached over HTTP. */
export function httpProvider<Spec extends ProviderSpec>(
  { upstream, secrets }: { upstream: Upstream; secrets: Secrets },
  provider: HttpProvider<Spec>,
): ProviderAdapter<Spec> {
  const send = async (
    target: Target<Spec>,
    call: OutgoingCall,
    { signal, keep }: { signal: AbortSignal; keep: boolean },
  ): Promise<UpstreamResponse> => {
    const addressed = await provider.address(target, call)
    return sendAddressed(target, { body: call.body, ...addressed }, { signal, keep })
  }

  const sendAddressed = async (
    target: Target<Spec>,
    { url, headers, body }: AddressedCall,
    { signal, keep, method = 'POST' }: { signal: AbortSignal; keep: boolean; method?: FilesRequest['method'] },
  ): Promise<UpstreamResponse> => {
    const response = await upstream.send({
      provider: target.provider,
      method,
      url,
      // Answers are read and priced on the way through, which a compressed body would prevent.
      headers: { 'content-type': 'application/json', 'accept-encoding': 'identity', ...headers },
      ...(body && { body }),
      signal,
      ...timeoutsOf(target),
    })
    if (response.status < 200 || response.status > 299)
      throw await failedAnswer(target.provider, response, { keep, redact: text => secrets.redact(text) })
    return response
  }

  const performIn = (
    dialect: OperationDialect,
    target: Target<Spec>,
    operation: WholeOperation,
    body: Buffer,
    signal: AbortSignal,
  ) => {
    const ask = async (request: Buffer, own: AbortSignal) => {
      const written = dialect.write(request, target.model)
      const [{ name }] = provider.dialects(target)
      const call = { dialect: name, operation, stream: false, body: written.body }
      const { body: sent, headers } = await send(target, call, { signal: own, keep: dialect.asItIs })
      const answer = await readAtMost(sent, operationAnswerLimit)
      const { dropped } = written
      return { ...dialect.read(target.provider, answer, { request, model: target.model, headers }), dropped }
    }
    const { textsAtOnce } = dialect
    return textsAtOnce === undefined ? ask(body, signal) : embedInParts(body, textsAtOnce, { signal, ask })
  }

  return {
    availability: target => provider.availability(target),
    async *stream(target, request, { signal, onDropped }) {
      const [dialect] = provider.dialects(target)
      const quirks = provider.quirks?.(target)
      const written = dialect.writeRequest(request, { model: target.model, stream: true, ...(quirks && { quirks }) })
      if (written.dropped.length > 0) onDropped?.(written.dropped)
      const call = {
        dialect: dialect.name,
        operation: 'generate' as const,
        stream: true,
        body: Buffer.from(JSON.stringify(written.body)),
      }
      const response = await send(target, call, { signal, keep: false })
      yield* dialect.readStream(target.provider, response.body)
    },
    continues: target => provider.continues?.(target) ?? provider.quirks?.(target).prefillField !== undefined,
    perform(target, operation, body, { signal }) {
      const dialect = provider.operations?.(target)[operation]
      return dialect && performIn(dialect, target, operation, body, signal)
    },
    media(target, path, { body, contentType }, { signal }) {
      const addressed = provider.media?.(target, path)
      if (!addressed) return undefined
      const headers = { ...addressed.headers, 'content-type': contentType }
      return sendAddressed(target, { ...addressed, headers, body }, { signal, keep: true })
    },
    ...(provider.files && {
      files(target: Target<Spec>, { method, path, body }: FilesRequest, { signal }: { signal: AbortSignal }) {
        const addressed = provider.files?.(target, path)
        if (!addressed) return undefined
        const headers = { ...addressed.headers, ...(body && { 'content-type': body.contentType }) }
        return sendAddressed(target, { url: addressed.url, headers, ...body }, { signal, keep: true, method })
      },
    }),
    relay: {
      dialects: target => provider.dialects(target).map(({ name }) => name),
      ...(provider.quirks && { quirks: (target: Target<Spec>) => provider.quirks?.(target) ?? {} }),
      send: (target, body, { signal, ...call }) => send(target, { ...call, body }, { signal, keep: true }),
    },
  }
}
