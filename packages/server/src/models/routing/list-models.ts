import type { Scope } from '../../database/index.ts'
import type { Manifests } from '../../manifests/index.ts'

/** The routes of an environment, then their targets as `provider/model`, each once and sorted. */
export async function listModels(manifests: Manifests, scope: Scope): Promise<string[]> {
  const routes = await manifests.allActive(scope, 'Route')
  const targets = routes
    .flatMap(({ manifest }) => manifest.spec.targets)
    .map(({ provider, model }) => `${provider}/${model}`)
  return [...routes.map(({ manifest }) => manifest.name).toSorted(), ...new Set(targets.toSorted())]
}
