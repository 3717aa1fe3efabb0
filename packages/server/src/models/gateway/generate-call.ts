import type { ModelCapability } from '@causeway/contracts'
import type { IncomingHttpHeaders } from 'node:http'
import type { AnswerHead, Dialect, RequestAddress, RequestHead } from '../dialects/dialect.ts'
import { parseBody } from '../dialects/parse-body.ts'
import { isRecord } from '../dialects/head-members.ts'
import type { ModelRequest } from '../model-request.ts'
import { needsOf } from '../routing/needs-of.ts'
import type { StreamFraming } from './stream-framing.ts'

/** One request for an answer of a model, as a client sent it. */
export interface GenerateCall {
  readonly requestId: string
  readonly dialect: Dialect
  readonly headers: IncomingHttpHeaders
  readonly framing: StreamFraming
  readonly body: Buffer
  readonly head: RequestHead
  readonly startedAt: Date
  /** The whole request, parsed when it is first asked for. @throws CausewayError invalid-json, invalid-request */
  request(): ModelRequest
  /** What a model must be able to do to answer. Throws as `request` does. */
  needs(): ReadonlySet<ModelCapability>
  answerHead(model: string): AnswerHead
}

interface CreateGenerateCallOptions {
  requestId: string
  dialect: Dialect
  address: RequestAddress
  headers: IncomingHttpHeaders
  framing: StreamFraming
  body: Buffer
  startedAt: Date
  /** Fields that the answer repeats otherwise than the body has them. */
  repeated?: Record<string, unknown> | undefined
}

/** @throws CausewayError invalid-json, invalid-request */
export function createGenerateCall(options: CreateGenerateCallOptions): GenerateCall {
  const { requestId, dialect, address, headers, framing, body, startedAt, repeated } = options
  let parsed: ModelRequest | undefined
  let raw: Record<string, unknown> | undefined
  const request = (): ModelRequest => (parsed ??= dialect.readRequest(body, address))
  return {
    requestId,
    dialect,
    headers,
    framing,
    body,
    startedAt,
    head: dialect.readHead(body, address),
    request,
    needs: () => needsOf(request()),
    answerHead(model) {
      if (!raw) {
        const value = parseBody(body)
        raw = { ...(isRecord(value) ? value : {}), ...repeated }
      }
      return { requestId, created: Math.floor(startedAt.getTime() / 1000), model, request: raw }
    },
  }
}
