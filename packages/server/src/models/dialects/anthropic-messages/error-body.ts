import { errorCatalogue, type CausewayError } from '@causeway/contracts'

/** The body of an error as Anthropic's clients read it. Source: https://docs.claude.com/en/api/errors */
export const messagesErrorBody = (error: CausewayError, requestId: string): Record<string, unknown> => ({
  type: 'error',
  error: {
    type: typeOf(error),
    message: [`${error.message} ${errorCatalogue[error.code].remedy}`, ...(error.problems ?? []).map(problemLine)].join(
      '\n',
    ),
    code: error.code,
  },
  request_id: requestId,
})

const problemLine = ({ pointer, message }: { pointer: string; message: string }): string =>
  `${pointer.slice(1).replaceAll('/', '.')}: ${message}`

function typeOf({ code, status }: CausewayError): string {
  if (code === 'limit-exceeded') return 'rate_limit_error'
  switch (status) {
    case 401:
      return 'authentication_error'
    case 402:
      return 'billing_error'
    case 403:
      return 'permission_error'
    case 404:
      return 'not_found_error'
    case 413:
      return 'request_too_large'
    case 429:
      return 'rate_limit_error'
    case 503:
    case 529:
      return 'overloaded_error'
    case 504:
      return 'timeout_error'
    default:
      return status >= 500 ? 'api_error' : 'invalid_request_error'
  }
}
