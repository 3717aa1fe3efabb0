import { keptFresh, type Scope } from '../database/index.ts'

/** How long another replica may work with what has just been replaced, in milliseconds. This one forgets at once. */
const staleMs = 500
/** After this what is in use is looked at again, so that nobody waits for it. */
const freshMs = 150
const environmentsKept = 1000

/** What was read of the manifests in force in environments, kept for as long as their revisions stay the same. */
export interface KeptUntilChanged {
  /**
   * The value of a key within an environment, which is always read in the same way; the same object until what is in
   * force has changed.
   * @throws what `read` throws, and then reads again at the next call
   */
  get<Value>(scope: Scope, key: string, read: () => Promise<Value>): Promise<Value>
  /** Looks at the revisions again before anything is used. */
  lookAgain(): void
}

interface Environment {
  revision: number
  values: Map<string, Promise<unknown>>
}

export function keptUntilChanged({
  limit,
  revisionOf,
}: {
  /** Values that are kept of an environment at the most; the oldest is forgotten. */
  limit: number
  revisionOf: (scope: Scope) => Promise<number>
}): KeptUntilChanged {
  const revisions = keptFresh<number>({ freshMs, usableMs: staleMs, limit: environmentsKept, warm: true })
  const environments = new Map<string, Environment>()

  const valuesOf = (environmentId: string, revision: number): Environment['values'] => {
    const known = environments.get(environmentId)
    if (known?.revision === revision) return known.values
    const values = new Map<string, Promise<unknown>>()
    environments.delete(environmentId)
    environments.set(environmentId, { revision, values })
    forgetOldest(environments, environmentsKept)
    return values
  }

  return {
    async get<Value>(scope: Scope, key: string, read: () => Promise<Value>) {
      const looked = revisions.get(scope.environmentId, () => revisionOf(scope))
      const values = valuesOf(scope.environmentId, typeof looked === 'number' ? looked : await looked)
      const known = values.get(key)
      if (known) return known as Promise<Value>
      const value = read()
      values.set(key, value)
      forgetOldest(values, limit)
      value.catch(() => values.delete(key))
      return value
    },
    lookAgain: () => revisions.clear(),
  }
}

function forgetOldest(map: Map<string, unknown>, limit: number): void {
  if (map.size > limit) map.delete(map.keys().next().value ?? '')
}
