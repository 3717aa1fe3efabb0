import type { IncomingHttpHeaders } from 'node:http'
import type { FailureClass } from '../../failure-class.ts'

/** What a provider said about a failure, wherever its dialect puts it. */
export interface ProviderError {
  message: string | undefined
  /** Everything that names the kind of the error: codes, types, statuses. Lower-case. */
  names: string[]
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/**
 * Providers nest an error in different places: `{error: {message, code, type}}`, `{error: ''}`, `{message}`, `{detail}`,
 * and Gemini's streams as a list of one. Some put a whole error of another provider into the message as JSON.
 */
export function readProviderError(parsed: unknown, headers: IncomingHttpHeaders = {}): ProviderError {
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  const names = [namesIn(headers['x-amzn-errortype'])].flat()
  if (!isRecord(first)) return { message: typeof first === 'string' ? first : undefined, names }
  const error = isRecord(first['error']) ? first['error'] : first
  const inner = isRecord(error['innererror']) ? error['innererror'] : {}
  const metadata = isRecord(error['metadata']) ? error['metadata'] : {}
  const message = [error['message'], first['error'], first['detail'], first['message']].find(
    value => typeof value === 'string',
  )
  names.push(...[error['code'], error['type'], error['status'], inner['code'], first['type']].flatMap(namesIn))
  // OpenRouter hands on the words of the provider behind it.
  const raw = typeof metadata['raw'] === 'string' ? ` ${metadata['raw']}` : ''
  return { message: message === undefined ? undefined : message + raw, names }
}

/** AWS writes `ThrottlingException:http://internal…`. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'number') return [String(value)]
  return typeof value === 'string' ? [value.split(':')[0]?.toLowerCase() ?? ''] : []
}

interface NamedClass {
  failureClass: FailureClass
  names: readonly string[]
  /** Looked for in the message, where no name says it. */
  words?: RegExp
}

// In this order, because a name such as invalid_request_error says less than the words beside it.
const known: readonly NamedClass[] = [
  {
    failureClass: 'context-overflow',
    names: ['context_length_exceeded', 'string_above_max_length'],
    words:
      /context[ _]length|context window|maximum context|prompt is too long|too many (?:input )?tokens in|input token count.*exceeds|maximum number of tokens allowed|input is too long|reduce the length/i,
  },
  {
    failureClass: 'content-policy',
    names: [
      'content_policy_violation',
      'content_filter',
      'responsibleaipolicyviolation',
      'moderation_blocked',
      'safety',
    ],
    words: /content management policy|content policy|safety system|usage polic(?:y|ies)/i,
  },
  {
    failureClass: 'quota',
    names: [
      'insufficient_quota',
      'billing_error',
      'billing_hard_limit_reached',
      'insufficient_credits',
      'servicequotaexceededexception',
    ],
    words:
      /insufficient (?:quota|credit|balance|funds)|credit balance is too low|exceeded your current quota, please check your plan and billing/i,
  },
  {
    failureClass: 'capacity',
    names: ['overloaded_error', 'modelnotreadyexception', 'service_tier_capacity_exceeded', '3505'],
    words: /overloaded|service tier capacity exceeded|no capacity|currently experiencing high demand|at capacity/i,
  },
  {
    failureClass: 'unknown-model',
    names: ['model_not_found', 'deploymentnotfound', 'not_found_error', 'not_found', 'resourcenotfoundexception'],
    words: /provided model identifier is invalid|model .*(?:not found|does not exist)/i,
  },
  {
    failureClass: 'rate',
    names: [
      'rate_limit_exceeded',
      'rate_limit_error',
      'rate_limited',
      'too_many_requests',
      'throttlingexception',
      'resource_exhausted',
    ],
  },
  {
    failureClass: 'dead-key',
    names: [
      'authentication_error',
      'permission_error',
      'invalid_api_key',
      'unauthenticated',
      'permission_denied',
      'unrecognizedclientexception',
      'accessdeniedexception',
      'expiredtokenexception',
    ],
    words: /api key not valid/i,
  },
]

/** The class of an error answer, from its status and all that it says; 413 with a rate limit's name is Groq's word for one. */
export function classifyFailure(status: number, { message = '', names }: ProviderError): FailureClass {
  const named = known.find(each => names.some(name => each.names.includes(name)) || each.words?.test(message) === true)
  if (named && fits(named.failureClass, status)) return named.failureClass
  return classOfStatus(status)
}

/** What the words claim must not contradict the status: a server that fails may quote anything. */
function fits(failureClass: FailureClass, status: number): boolean {
  if (status >= 500) return failureClass === 'capacity' || failureClass === 'rate'
  if (status === 401) return failureClass === 'dead-key'
  if (status === 429) return ['rate', 'quota', 'capacity'].includes(failureClass)
  return true
}

function classOfStatus(status: number): FailureClass {
  if (status === 401 || status === 403) return 'dead-key'
  if (status === 402) return 'quota'
  if (status === 404 || status < 400) return 'unknown-model'
  if (status === 429) return 'rate'
  if (status === 529) return 'capacity'
  if (status === 408 || status === 409 || status === 425 || status >= 500) return 'transient'
  return 'request'
}
