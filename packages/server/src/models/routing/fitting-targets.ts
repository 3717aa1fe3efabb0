import type { RouteCandidate } from './resolve-route.ts'
import { isTrueOf } from './route-rule.ts'
import type { RoutingRequest } from './routing-request.ts'

export interface FittingTargets {
  targets: RouteCandidate[]
  /** Why others were left out, for the error when none is left and for the record of the call. */
  leftOut: string[]
}

/** The targets that can take a request by their rules, their abilities and the length of their context, in their order. */
export function fittingTargets(candidates: readonly RouteCandidate[], request: RoutingRequest): FittingTargets {
  const targets: RouteCandidate[] = []
  const leftOut: string[] = []
  for (const candidate of candidates) {
    const reason = reasonAgainst(candidate, request)
    if (reason === undefined) targets.push(candidate)
    else leftOut.push(`${candidate.provider}/${candidate.model}: ${reason}`)
  }
  return { targets, leftOut }
}

function reasonAgainst({ terms }: RouteCandidate, request: RoutingRequest): string | undefined {
  const { when, capabilities, contextTokens } = terms
  if (contextTokens !== undefined && request.inputTokens + (request.maxOutputTokens ?? 0) > contextTokens)
    return `the conversation is longer than ${contextTokens} tokens`
  if (capabilities) {
    const missing = [...request.needs()].filter(need => !capabilities.includes(need))
    if (missing.length > 0) return `it has no ${missing.join(', ')}`
  }
  return when !== undefined && !isTrueOf(when, request) ? `the rule ${when} is not true` : undefined
}
