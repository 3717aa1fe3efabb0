import { errorCatalogue, type CausewayError, type ErrorCode } from '@causeway/contracts'

/** The body of an error as OpenAI's clients read it. Source: https://platform.openai.com/docs/guides/error-codes */
export interface ChatErrorBody extends Record<string, unknown> {
  error: { message: string; type: string; code: string; param: string | null }
}

export const chatErrorBody = (error: CausewayError): ChatErrorBody => ({
  error: {
    message: `${error.message} ${errorCatalogue[error.code].remedy}`,
    type: typeOf(error.status),
    code: ownCodes[error.code] ?? error.code,
    param: error.problems?.[0]?.pointer.slice(1).replaceAll('/', '.') ?? null,
  },
})

/** What clients look for by OpenAI's own name. */
const ownCodes: Partial<Record<ErrorCode, string>> = {
  'context-too-long': 'context_length_exceeded',
  'content-refused': 'content_policy_violation',
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
