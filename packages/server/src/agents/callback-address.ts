import type { Scope } from '../database/index.ts'
import type { SignedTokens } from '../secrets/index.ts'

/** The call of a run whose result a tool sends. */
export interface CalledBack {
  scope: Scope
  runId: string
  callId: string
}

/** The addresses to which tools send results. Whoever knows one can answer that call and nothing else. */
export interface CallbackAddresses {
  urlFor(call: CalledBack): string
  /** The call that a token is for; undefined where the platform has not made it. */
  read(token: string): CalledBack | undefined
}

/** @param baseUrl where tools reach the platform */
export function createCallbackAddresses({
  tokens,
  baseUrl,
}: {
  tokens: SignedTokens
  baseUrl: () => string
}): CallbackAddresses {
  return {
    urlFor: ({ scope: { organisationId, environmentId }, runId, callId }) =>
      `${baseUrl()}/v1/tool-callbacks/${tokens.sign([organisationId, environmentId, runId, callId])}`,
    read(token) {
      const [organisationId, environmentId, runId, callId] = tokens.read(token) ?? []
      if (!organisationId || !environmentId || !runId || !callId) return undefined
      return { scope: { organisationId, environmentId }, runId, callId }
    },
  }
}
