import { createHash } from 'node:crypto'
import type { Caller } from '../../identity/index.ts'
import type { RequestAddress } from '../dialects/dialect.ts'
import type { CallGuard } from '../guarding/call-guard.ts'
import type { ResolvedRoute } from '../routing/resolve-route.ts'
import type { GenerateCall } from './generate-call.ts'

/** Headers of a client that reach the provider and change what it answers. */
const telling = ['anthropic-version', 'anthropic-beta'] as const

/** Two calls have the same key when they ask the same, byte for byte, of the same version of a route, under the same guardrails, with the same API key. */
export const cacheKey = (...of: Parameters<typeof cacheScope>): string =>
  createHash('sha256')
    .update(JSON.stringify(cacheScope(...of)))
    .update('\0')
    .update(of[3].body)
    .digest('base64')

/** Everything but the question by which answers differ. */
export function cacheScope(
  { organisationId, environmentId, keyId }: Caller,
  { version: guardrails }: Pick<CallGuard, 'version'>,
  { name, version }: ResolvedRoute,
  { dialect, headers }: GenerateCall,
  address: RequestAddress,
): unknown[] {
  const said = telling.map(header => headers[header] ?? null)
  return [organisationId, environmentId, keyId, name, version, guardrails, dialect.name, address, ...said]
}
