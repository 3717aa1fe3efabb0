import { CausewayError, type RouteSpec, type RouteTarget } from '@causeway/contracts'
import type { Scope } from '../../database/index.ts'
import type { Manifests } from '../../manifests/index.ts'
import type { Target } from '../providers/provider-adapter.ts'

/** A target with what the route says about it. */
export interface RouteCandidate extends Target {
  terms: RouteTarget
  contextTokens: number | undefined
}

/** A name that was asked for, with the targets behind it in the order in which they are written. */
export interface ResolvedRoute {
  name: string
  /** Version of the Route manifest; null where the name is that of one target. */
  version: string | null
  spec: RouteSpec
  targets: RouteCandidate[]
}

/**
 * Finds what a model name stands for: a Route of the environment, or `provider/model` for one target directly.
 * @throws CausewayError model-not-found
 */
export async function resolveRoute(manifests: Manifests, scope: Scope, name: string): Promise<ResolvedRoute> {
  const slash = name.indexOf('/')
  const route: { version: string | null; spec: RouteSpec } =
    slash > 0
      ? { version: null, spec: { targets: [{ provider: name.slice(0, slash), model: name.slice(slash + 1) }] } }
      : await routeNamed(manifests, scope, name)
  const targets: RouteCandidate[] = []
  for (const terms of route.spec.targets) {
    const { provider, model } = terms
    const spec = (await manifests.active(scope, 'Provider', provider))?.manifest.spec
    if (spec && model) targets.push({ scope, provider, spec, model, terms, contextTokens: terms.contextTokens })
  }
  if (targets.length === 0) throw new CausewayError('model-not-found', `There is no provider for the model "${name}".`)
  return { name, ...route, targets }
}

async function routeNamed(manifests: Manifests, scope: Scope, name: string) {
  const active = await manifests.active(scope, 'Route', name)
  if (!active) throw new CausewayError('model-not-found', `There is no route "${name}" in this environment.`)
  return { version: active.version, spec: active.manifest.spec }
}
