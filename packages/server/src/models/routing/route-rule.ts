import type { Manifest, ManifestOf, ProblemPlace } from '@causeway/contracts'
import { createExpressions } from '../../expressions/index.ts'
import type { RoutingRequest } from './routing-request.ts'

const rules = createExpressions({ request: 'map', caller: 'map' })

/** Whether a rule is true of a request. A rule that cannot be evaluated, such as one about a field that is missing, is not true. */
export function isTrueOf(expression: string, request: RoutingRequest): boolean {
  try {
    const { model, stream, inputTokens, maxOutputTokens, caller } = request
    const context = {
      model,
      stream,
      inputTokens,
      maxOutputTokens: maxOutputTokens ?? 0,
      user: request.user() ?? '',
      metadata: request.metadata(),
      needs: [...request.needs()],
    }
    return rules.evaluate(expression, { request: context, caller: { ...caller, team: caller.team ?? '' } }) === true
  } catch {
    return false
  }
}

/** Rules of a route that are no CEL. */
export function checkRouteManifest(manifest: Manifest): ProblemPlace[] {
  if (manifest.kind !== 'Route') return []
  return targetsOf(manifest).flatMap(({ when }, index) => {
    if (when === undefined) return []
    const problem = rules.problemOf(when)
    return problem === undefined
      ? []
      : [{ pointer: `/spec/targets/${index}/when`, message: `expected CEL: ${problem}` }]
  })
}

const targetsOf = ({ spec }: ManifestOf<'Route'>) => spec.targets
