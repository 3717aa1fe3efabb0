import type { ProviderSpec } from '@causeway/contracts'
import type { IncomingHttpHeaders } from 'node:http'
import type { Scope } from '../../database/index.ts'
import type { DialectName } from '../dialects/dialect-name.ts'
import type { Quirks } from '../dialects/dialect.ts'
import type { ModelEvent } from '../model-event.ts'
import type { ModelRequest } from '../model-request.ts'
import type { MediaBody, MediaPath } from '../operations/media-path.ts'
import type { OperationAnswer, WholeOperation } from '../operations/operation-dialect.ts'
import type { UpstreamResponse } from './transport/upstream.ts'

/** One model at one provider, as an attempt is made at it. */
export interface Target<Spec extends ProviderSpec = ProviderSpec> {
  /** The environment whose provider and secrets it is. */
  scope: Scope
  /** Name of the Provider manifest. */
  provider: string
  spec: Spec
  /** Name of the model at the provider. */
  model: string
  /** Which of the provider's keys is used, where it has several; the first when absent. */
  key?: number
}

/** Whether a target can be tried now. `model` is the one to ask for, which differs from the target's where that is `auto`. */
export type Availability = { available: true; model: string } | { available: false; why: string }

/** What each type of provider knows how to do. */
export interface ProviderAdapter<Spec extends ProviderSpec> {
  availability(target: Target<Spec>): Availability | Promise<Availability>
  /**
   * The answer of the model as events. Ends without `finished` when the provider broke off.
   * @throws ProviderFailure, CausewayError invalid-request where the provider cannot take what the request holds
   */
  stream(target: Target<Spec>, request: ModelRequest, options: StreamOptions): AsyncIterable<ModelEvent>
  /** Whether a model goes on with a last message of the assistant; none does when absent. */
  continues?(target: Target<Spec>): boolean
  /** Absent where every request is translated. */
  readonly relay?: Relay<Spec>
  /**
   * Asks for embeddings or the like; undefined where the provider has none. The body is the client's, and so is the form of the answer.
   * @throws ProviderFailure, CausewayError invalid-request where the provider cannot take what is asked
   */
  perform?(
    target: Target<Spec>,
    operation: WholeOperation,
    body: Buffer,
    options: { signal: AbortSignal },
  ): Promise<OperationAnswer & { dropped: string[] }> | undefined
  /**
   * Hands on a request for images or speech; undefined where the provider has none.
   * @throws ProviderFailure when there is no answer or one that is not 2xx
   */
  media?(
    target: Target<Spec>,
    path: MediaPath,
    body: MediaBody,
    options: { signal: AbortSignal },
  ): Promise<UpstreamResponse> | undefined
  /**
   * Hands on a request about files or batches in the form of OpenAI's APIs; undefined where the provider has none.
   * @throws ProviderFailure when there is no answer or one that is not 2xx
   */
  files?(
    target: Target<Spec>,
    request: FilesRequest,
    options: { signal: AbortSignal },
  ): Promise<UpstreamResponse> | undefined
  /** Frees what the provider holds. */
  close?(): Promise<void>
}

/** A request about files or batches. Source: https://platform.openai.com/docs/api-reference/files */
export interface FilesRequest {
  method: 'GET' | 'POST' | 'DELETE'
  /** From `/files` or `/batches` on. */
  path: string
  body?: MediaBody
}

export interface StreamOptions {
  signal: AbortSignal
  /** Told before the request is sent which of its fields the provider will not get. */
  onDropped?: (fields: string[]) => void
}

/** How a provider takes a client's body as it is. */
export interface Relay<Spec extends ProviderSpec> {
  /** The dialects that the provider speaks for this model. */
  dialects(target: Target<Spec>): readonly DialectName[]
  /** What its server does differently; nothing when absent. */
  quirks?(target: Target<Spec>): Quirks
  /**
   * Sends a body and hands back the answer unread.
   * @throws ProviderFailure when there is no answer or one that is not 2xx
   */
  send(target: Target<Spec>, body: Buffer, options: RelayOptions): Promise<UpstreamResponse>
}

/** What is asked of a provider: an answer of the model, how many tokens the request has, or what has one whole answer. */
export type Operation = GenerateOperation | WholeOperation
export type GenerateOperation = 'generate' | 'count-tokens'

export interface RelayOptions {
  dialect: DialectName
  operation: Operation
  stream: boolean
  /** The client's headers, of which a provider picks those that its dialect knows (beta features and the like). */
  clientHeaders: IncomingHttpHeaders
  signal: AbortSignal
}

export type SpecOf<Type extends ProviderSpec['type']> = Extract<ProviderSpec, { type: Type }>

/** An adapter for every type of provider. */
export type ProviderAdapters = { [Type in ProviderSpec['type']]: ProviderAdapter<SpecOf<Type>> }
