import type { ManifestOf } from '@causeway/contracts'
import { Environment } from '@marcbachmann/cel-js'
import type { Manifest, ProblemPlace } from '@causeway/contracts'
import type { RoutingRequest } from './routing-request.ts'

// CEL: https://github.com/google/cel-spec. Rules see these two and nothing else.
const environment = new Environment().registerVariable('request', 'map').registerVariable('caller', 'map')

type Rule = (context: { request: object; caller: object }) => unknown

const compiled = new Map<string, Rule>()
/** Rules come from manifests, of which there are few; the bound is for an environment that changes them all day. */
const rememberedRules = 1000

function ruleOf(expression: string): Rule {
  const known = compiled.get(expression)
  if (known) return known
  if (compiled.size >= rememberedRules) compiled.clear()
  const rule: Rule = environment.parse(expression)
  compiled.set(expression, rule)
  return rule
}

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
    return ruleOf(expression)({ request: context, caller: { ...caller, team: caller.team ?? '' } }) === true
  } catch {
    return false
  }
}

/** Rules of a route that are no CEL. */
export function checkRouteManifest(manifest: Manifest): ProblemPlace[] {
  if (manifest.kind !== 'Route') return []
  return targetsOf(manifest).flatMap(({ when }, index) => {
    if (when === undefined) return []
    const { valid, error } = environment.check(when)
    return valid
      ? []
      : [{ pointer: `/spec/targets/${index}/when`, message: `expected CEL: ${firstLine(error?.message)}` }]
  })
}

const targetsOf = ({ spec }: ManifestOf<'Route'>) => spec.targets
const firstLine = (message = 'the expression cannot be read'): string => message.split('\n')[0] ?? ''
