import { CausewayError } from '@causeway/contracts'
import type { Scope } from '../../database/index.ts'
import type { Manifests } from '../../manifests/index.ts'
import type { Target } from '../providers/provider-adapter.ts'

/** A name that was asked for, with the targets behind it in the order in which they are tried. */
export interface ResolvedRoute {
  name: string
  targets: Target[]
}

/**
 * Finds what a model name stands for: a Route of the environment, or `provider/model` for one target directly.
 * @throws CausewayError model-not-found
 */
export async function resolveRoute(manifests: Manifests, scope: Scope, name: string): Promise<ResolvedRoute> {
  const slash = name.indexOf('/')
  const wanted =
    slash > 0
      ? [{ provider: name.slice(0, slash), model: name.slice(slash + 1) }]
      : (await manifests.active(scope, 'Route', name))?.manifest.spec.targets
  if (!wanted) throw new CausewayError('model-not-found', `There is no route "${name}" in this environment.`)
  const targets: Target[] = []
  for (const { provider, model } of wanted) {
    const spec = (await manifests.active(scope, 'Provider', provider))?.manifest.spec
    if (spec && model) targets.push({ provider, spec, model })
  }
  if (targets.length === 0) throw new CausewayError('model-not-found', `There is no provider for the model "${name}".`)
  return { name, targets }
}
