import { CausewayError, type ErrorCode } from '@causeway/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { pathOf } from './authentication.ts'
import { invalidRequest } from './invalid-request.ts'

export interface ErrorHandlerOptions {
  logger: Logger
  redact: (text: string) => string
  /** Where the metadata of an address stands (RFC 9728); absent where no access tokens are taken. */
  resourceMetadata?: ((path: string) => string) | undefined
}

/** RFC 6750, section 3, with the parameter of RFC 9728, section 5.1. */
const challenge = (metadata: string | undefined): string =>
  `Bearer realm="causeway"${metadata === undefined ? '' : `, resource_metadata="${metadata.replaceAll(/["\\\s]/g, encodeURIComponent)}"`}`

/** Answers every error as a problem document (RFC 9457). What is unknown becomes `internal`; its cause stands in the log only. */
export const createErrorHandler =
  ({ logger, redact, resourceMetadata }: ErrorHandlerOptions) =>
  (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toCausewayError(thrown)
    const traceId = request.id
    const level = error.code === 'internal' ? 'error' : error.status >= 500 ? 'warn' : 'debug'
    logger[level]({ err: thrown, traceId, method: request.method, route: request.routeOptions.url }, error.message)
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds))
    if (error.status === 401) reply.header('www-authenticate', challenge(resourceMetadata?.(pathOf(request.url))))
    const problem = error.toProblem(traceId)
    void reply
      .code(error.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .header('cache-control', 'no-store')
      .serializer(JSON.stringify)
      .send({ ...problem, detail: redact(problem.detail) })
  }

const ofFastify: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-request',
  FST_ERR_BAD_URL: 'invalid-request',
  FST_ERR_MAX_PARAM_LENGTH: 'invalid-request',
}

/** The one place where an error that is not ours becomes one of the catalogue. */
export function toCausewayError(thrown: unknown): CausewayError {
  if (thrown instanceof CausewayError) return thrown
  if (hasZodFastifySchemaValidationErrors(thrown)) return invalidRequest(thrown.validation, thrown.validationContext)
  if (thrown instanceof Error) {
    const code = 'code' in thrown && typeof thrown.code === 'string' ? ofFastify[thrown.code] : undefined
    if (code === 'payload-too-large')
      return new CausewayError(code, 'The body is larger than 2 MiB (2097152 bytes).', { cause: thrown })
    if (code) return new CausewayError(code, thrown.message, { cause: thrown })
    // The JSON parser throws this for what is not JSON and for keys that would change the prototype of an object.
    if (thrown instanceof SyntaxError && 'statusCode' in thrown)
      return new CausewayError('invalid-json', thrown.message, { cause: thrown })
  }
  return new CausewayError('internal', 'The request failed for a reason that is not the fault of the caller.', {
    cause: thrown,
  })
}
