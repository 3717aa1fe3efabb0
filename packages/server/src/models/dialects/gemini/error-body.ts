import { errorCatalogue, type CausewayError } from '@causeway/contracts'

/** The body of an error as Google's clients read it. Source: https://cloud.google.com/apis/design/errors#http_mapping */
export const geminiErrorBody = (error: CausewayError, requestId: string): Record<string, unknown> => ({
  error: {
    code: error.status,
    message: `${error.message} ${errorCatalogue[error.code].remedy}`,
    status: statusOf(error.status),
    details: detailsOf(error, requestId),
  },
})

const statuses: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  412: 'FAILED_PRECONDITION',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

const statusOf = (status: number): string => statuses[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')

const type = (name: string): string => `type.googleapis.com/google.rpc.${name}`

function detailsOf({ code, problems, retryAfterSeconds }: CausewayError, requestId: string): unknown[] {
  return [
    { '@type': type('ErrorInfo'), reason: code.toUpperCase().replaceAll('-', '_'), domain: 'causeway' },
    ...(requestId ? [{ '@type': type('RequestInfo'), requestId }] : []),
    ...(problems && problems.length > 0
      ? [
          {
            '@type': type('BadRequest'),
            fieldViolations: problems.map(({ pointer, message }) => ({
              field: pointer.slice(1).replaceAll('/', '.'),
              description: message,
            })),
          },
        ]
      : []),
    ...(retryAfterSeconds === undefined ? [] : [{ '@type': type('RetryInfo'), retryDelay: `${retryAfterSeconds}s` }]),
  ]
}
