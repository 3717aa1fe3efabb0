import { expect, test } from 'vitest'
import { allRecordings } from '../../testing/recordings.ts'
import { classifyFailure, readProviderError } from './provider-error.ts'
import { retryAfterMs } from './retry-after.ts'

const classOf = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  classifyFailure(status, readProviderError(body, headers))

test('the kind of a failure is read from status, headers and words, wherever a provider puts them [C3.failure-classes]', () => {
  const openAi = (code: string | null, type: string, message = '') => ({ error: { message, type, param: null, code } })
  expect(classOf(429, openAi('rate_limit_exceeded', 'tokens'))).toBe('rate')
  expect(classOf(429, openAi('insufficient_quota', 'insufficient_quota'))).toBe('quota')
  expect(classOf(413, openAi('rate_limit_exceeded', 'tokens'))).toBe('rate')
  expect(classOf(401, openAi('invalid_api_key', 'invalid_request_error'))).toBe('dead-key')
  expect(classOf(404, openAi('model_not_found', 'invalid_request_error'))).toBe('unknown-model')
  expect(classOf(400, openAi('context_length_exceeded', 'invalid_request_error'))).toBe('context-overflow')
  expect(classOf(400, openAi('content_policy_violation', 'invalid_request_error'))).toBe('content-policy')
  expect(classOf(400, openAi(null, 'invalid_request_error', 'Unsupported parameter'))).toBe('request')
  expect(classOf(500, openAi(null, 'server_error', 'context length and content policy are not our fault'))).toBe(
    'transient',
  )
  expect(classOf(503, { message: 'Service tier capacity exceeded for this model.' })).toBe('capacity')
  expect(classOf(429, { object: 'error', message: 'Service tier capacity exceeded', type: 'x', code: '3505' })).toBe(
    'capacity',
  )
  expect(classOf(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })).toBe('capacity')
  expect(
    classOf(400, { message: 'Too fast' }, { 'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/' }),
  ).toBe('rate')
  expect(classOf(429, [{ error: { code: 429, message: '', status: 'RESOURCE_EXHAUSTED' } }])).toBe('rate')
  expect(classOf(400, { error: 'prompt is too long: 9 tokens > 8 maximum' })).toBe('context-overflow')
  expect(classOf(402, { error: { code: 402, message: 'This request requires more credits' } })).toBe('quota')
  expect(classOf(502, 'Bad Gateway')).toBe('transient')
  expect(classOf(403, undefined)).toBe('dead-key')
})

test('every form in which a provider asks for a pause is read, and garbage is not [C3.retry-after]', () => {
  const now = Date.parse('2024-03-26T19:59:30Z')
  const wait = (headers: Record<string, string>, more: object = {}) => retryAfterMs(headers, { now, ...more })
  expect(wait({ 'retry-after': '33' })).toBe(33_000)
  expect(wait({ 'retry-after': '0.5' })).toBe(500)
  expect(wait({ 'retry-after': 'Tue, 26 Mar 2024 20:00:00 GMT' })).toBe(30_000)
  expect(wait({ 'retry-after-ms': '644', 'retry-after': '1' })).toBe(644)
  expect(wait({ 'retry-after': '1m2.5s' })).toBe(62_500)
  expect(wait({ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '2m59.56s' })).toBe(179_560)
  expect(wait({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '16ms' })).toBe(16)
  expect(wait({ 'x-ratelimit-remaining-requests': '5', 'x-ratelimit-reset-requests': '16s' })).toBeUndefined()
  expect(
    wait({
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2024-03-26T20:00:00Z',
    }),
  ).toBe(30_000)
  expect(wait({ 'x-ratelimit-remaining-tokens': '-1', 'x-ratelimit-reset-tokens': '0' })).toBeUndefined()
  expect(wait({}, { body: [{ error: { details: [{ '@type': 'RetryInfo', retryDelay: '34.4s' }] } }] })).toBe(34_400)
  expect(wait({}, { message: 'Limit reached. Please try again in 644ms. Visit' })).toBe(644)
  expect(wait({}, { message: 'Please retry after 33 seconds.' })).toBe(33_000)
  for (const garbage of ['-1', 'soon', '', 'NaN', '1e400', '99999999999'])
    expect(wait({ 'retry-after': garbage })).toBeUndefined()
})

const failed = allRecordings().filter(({ response }) => response.status >= 400)

test.skipIf(failed.length === 0)(
  'recorded errors of all providers are of the expected kind; skipped where no recordings lie beside the repository [C3.failure-classes]',
  () => {
    const kinds: Record<string, string[]> = {}
    for (const { name, response } of failed)
      (kinds[classOf(response.status, response.body, response.headers)] ??= []).push(name)
    const counts = Object.fromEntries(Object.entries(kinds).map(([kind, names]) => [kind, names.length]))
    expect(counts).toEqual({
      rate: 9,
      'dead-key': 3,
      'context-overflow': 2,
      capacity: 3,
      'content-policy': 1,
      'unknown-model': 23,
      request: 24,
    })
  },
)
