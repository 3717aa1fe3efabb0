import { CausewayError, type ProblemPlace } from '@causeway/contracts'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { newTraceId, type Logger } from '../telemetry/index.ts'

/** Answers every error as a problem document (RFC 9457). What is unknown becomes `internal`; its cause stands in the log only. */
export const createErrorHandler =
  ({ logger, redact }: { logger: Logger; redact: (text: string) => string }) =>
  (thrown: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toCausewayError(thrown)
    const traceId = newTraceId()
    if (error.status >= 500) logger.error({ err: thrown, traceId, method: request.method, url: request.routeOptions.url }, error.message)
    if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', String(error.retryAfterSeconds))
    if (error.status === 401) void reply.header('www-authenticate', 'Bearer realm="causeway"')
    const problem = error.toProblem(traceId)
    void reply
      .code(error.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .serializer(JSON.stringify)
      .send({ ...problem, detail: redact(problem.detail) })
  }

const ofFastify: Readonly<Record<string, ConstructorParameters<typeof CausewayError>[0]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-request',
  FST_ERR_BAD_URL: 'invalid-request',
}

/** The one place where an error that is not ours becomes one of the catalogue. */
export function toCausewayError(thrown: unknown): CausewayError {
  if (thrown instanceof CausewayError) return thrown
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const problems = thrown.validation.map(
      ({ instancePath, message }): ProblemPlace => ({ pointer: `/${thrown.validationContext ?? 'body'}${instancePath}`, message: message ?? 'is not valid' }),
    )
    const [first] = problems
    return new CausewayError('invalid-request', first ? `${first.pointer}: ${first.message}` : 'The request is not valid.', { problems })
  }
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const known = ofFastify[code]
  if (known && thrown instanceof Error) return new CausewayError(known, thrown.message, { cause: thrown })
  if (thrown instanceof SyntaxError) return new CausewayError('invalid-json', thrown.message, { cause: thrown })
  return new CausewayError('internal', 'The request failed for a reason that is not the fault of the caller.', { cause: thrown })
}
