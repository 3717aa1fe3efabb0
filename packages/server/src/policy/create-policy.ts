import { createHash } from 'node:crypto'
import type { Decision } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import type { Manifests } from '../manifests/index.ts'
import { decide, type DecisionRequest } from './decide.ts'
import { preparse, type PreparsedPolicySet } from './policy-set.ts'

/** The one place that answers allow, ask or deny. */
export interface Policy {
  /** Decides under the policies in force in the environment. Fails closed: whatever goes wrong is a thrown error or a deny. */
  decide(scope: Scope, request: DecisionRequest): Promise<Decision>
}

const environmentsKept = 1000
/** Decisions that are remembered of one set of policies. */
const decisionsKept = 10_000

interface Compiled {
  /** The list that it was made of. */
  readonly active: readonly object[]
  readonly policies: PreparsedPolicySet
  readonly version: string
  /** A decision about a model depends on nothing but the policies and the request, and asking the engine takes a while. */
  readonly modelDecisions: Map<string, Decision>
}

export function createPolicy({ manifests }: { manifests: Manifests }): Policy {
  const compiled = new Map<string, Compiled>()

  async function inForce(scope: Scope): Promise<Compiled> {
    const known = compiled.get(scope.environmentId)
    const active = await manifests.allActive(scope, 'Policy')
    if (known?.active === active) return known
    const version = versionOf(active.map(each => each.version))
    const current: Compiled =
      known?.version === version
        ? { ...known, active }
        : {
            active,
            version,
            policies: preparse(
              scope.environmentId,
              active.map(({ manifest }) => ({ name: manifest.name, cedar: manifest.spec.cedar })),
            ),
            modelDecisions: new Map(),
          }
    compiled.delete(scope.environmentId)
    compiled.set(scope.environmentId, current)
    if (compiled.size > environmentsKept) compiled.delete(compiled.keys().next().value ?? '')
    return current
  }

  return {
    async decide(scope, request) {
      const { policies, modelDecisions } = await inForce(scope)
      if (request.action !== 'call-model') return decide(policies, request)
      const key = JSON.stringify(request)
      const known = modelDecisions.get(key)
      if (known) return known
      const decision = decide(policies, request)
      if (modelDecisions.size >= decisionsKept) modelDecisions.clear()
      modelDecisions.set(key, decision)
      return decision
    },
  }
}

const versionOf = (versions: readonly string[]): string =>
  createHash('sha256').update(versions.toSorted().join()).digest('hex')
