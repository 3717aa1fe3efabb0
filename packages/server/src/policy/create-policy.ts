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

/** How long a replica may decide by policies that have just been replaced, in milliseconds. */
const staleMs = 500
const environmentsKept = 1000

interface Compiled {
  readonly policies: PreparsedPolicySet
  readonly version: string
  checkedAt: number
}

export function createPolicy({ manifests, clock = Date.now }: { manifests: Manifests; clock?: () => number }): Policy {
  const compiled = new Map<string, Compiled>()

  async function inForce(scope: Scope): Promise<PreparsedPolicySet> {
    const known = compiled.get(scope.environmentId)
    if (known && clock() - known.checkedAt < staleMs) return known.policies
    const active = await manifests.allActive(scope, 'Policy')
    const version = createHash('sha256')
      .update(
        active
          .map(each => each.version)
          .toSorted()
          .join(),
      )
      .digest('hex')
    if (known?.version === version) {
      known.checkedAt = clock()
      return known.policies
    }
    const policies = preparse(
      scope.environmentId,
      active.map(({ manifest }) => ({ name: manifest.name, cedar: manifest.spec.cedar })),
    )
    compiled.delete(scope.environmentId)
    compiled.set(scope.environmentId, { policies, version, checkedAt: clock() })
    if (compiled.size > environmentsKept) compiled.delete(compiled.keys().next().value ?? '')
    return policies
  }

  return { decide: async (scope, request) => decide(await inForce(scope), request) }
}
