import { setImmediate } from 'node:timers/promises'
import {
  CausewayError,
  repricedAtMost,
  type ProviderSpec,
  type RepricedCosts,
  type RepricedModel,
} from '@causeway/contracts'
import type { Audit } from '../../audit/index.ts'
import type { Database } from '../../database/index.ts'
import type { Caller } from '../../identity/index.ts'
import type { Manifests } from '../../manifests/index.ts'
import { priceCall, reportedVersion } from '../prices/price-call.ts'
import { lockCosts, updateCosts, type CostFilter, type NewCost, type StoredCost } from './call-cost-store.ts'

const pricedAtOnce = 200

export interface RepriceDependencies {
  database: Database
  manifests: Manifests
  audit: Pick<Audit, 'record'>
}

/**
 * Reckons what stored calls cost by the price list of this version and the contracts in force, at the time of each call. What
 * budgets have counted stays as it is.
 * @throws CausewayError invalid-request when too many calls fit
 */
export async function repriceCalls(
  { database, manifests, audit }: RepriceDependencies,
  caller: Caller,
  { apply, ...filter }: CostFilter & { apply: boolean },
): Promise<RepricedCosts> {
  const active = await manifests.allActive(caller, 'Provider')
  const specs = new Map(active.map(({ manifest: { name, spec } }) => [name, spec]))
  return database.transaction(async transaction => {
    const calls = await lockCosts(transaction, caller, filter, repricedAtMost + 1)
    if (calls.length > repricedAtMost)
      throw new CausewayError(
        'invalid-request',
        `More than ${repricedAtMost} calls fit; choose a shorter time or a model.`,
      )
    const models = new Map<string, RepricedModel>()
    const changes: NewCost[] = []
    for (const [number, call] of calls.entries()) {
      // Whoever is served meanwhile does not wait for all of it.
      if (number % pricedAtOnce === 0) await setImmediate()
      const next = newCost(call, specs.get(call.provider))
      if (add(models, call, next)) changes.push(next)
    }
    const result = { applied: apply, ...sumOf([...models.values()]) }
    if (apply && changes.length > 0) {
      await updateCosts(transaction, caller, changes)
      await audit.record(transaction, {
        organisationId: caller.organisationId,
        environment: caller.environment,
        actor: caller.actor,
        action: 'costs.repriced',
        subject: filter.provider ?? 'all providers',
        detail: {
          since: filter.since.toISOString(),
          until: filter.until.toISOString(),
          model: filter.model ?? null,
          calls: result.calls,
          changed: result.changed,
          beforeNanoUsd: result.beforeNanoUsd,
          afterNanoUsd: result.afterNanoUsd,
        },
      })
    }
    return result
  })
}

/** The cost by today's prices; as before where the provider is not in force any more. */
function newCost(call: StoredCost, spec: ProviderSpec | undefined): NewCost & { known: boolean } {
  const { id, model, usage, usageEstimated, startedAt, serviceTier, cost, priceVersion } = call
  if (!spec) return { id, cost, priceVersion, known: false }
  const billing = {
    ...(serviceTier !== null && { serviceTier }),
    ...(priceVersion === reportedVersion && { nanoUsd: cost.nanoUsd }),
  }
  return { id, ...priceCall({ spec, model, usage, usageEstimated, billing, at: startedAt }), known: true }
}

/** @returns whether the cost of the call changes */
function add(models: Map<string, RepricedModel>, call: StoredCost, next: NewCost & { known: boolean }): boolean {
  const { provider, model, cost } = call
  const key = `${provider}\n${model}`
  const sum = models.get(key) ?? {
    provider,
    model,
    calls: 0,
    changed: 0,
    beforeNanoUsd: 0,
    afterNanoUsd: 0,
    unpriced: 0,
    priceVersion: next.known ? next.priceVersion : null,
  }
  models.set(key, sum)
  const changed =
    cost.nanoUsd !== next.cost.nanoUsd || cost.status !== next.cost.status || call.priceVersion !== next.priceVersion
  sum.calls++
  if (changed) sum.changed++
  if (next.cost.status === 'unpriced') sum.unpriced++
  sum.beforeNanoUsd += cost.nanoUsd
  sum.afterNanoUsd += next.cost.nanoUsd
  return changed
}

function sumOf(models: RepricedModel[]): Omit<RepricedCosts, 'applied'> {
  const total = (of: (model: RepricedModel) => number): number => models.reduce((sum, model) => sum + of(model), 0)
  const difference = ({ beforeNanoUsd, afterNanoUsd }: RepricedModel): number => Math.abs(afterNanoUsd - beforeNanoUsd)
  return {
    calls: total(({ calls }) => calls),
    changed: total(({ changed }) => changed),
    beforeNanoUsd: total(({ beforeNanoUsd }) => beforeNanoUsd),
    afterNanoUsd: total(({ afterNanoUsd }) => afterNanoUsd),
    models: models.toSorted((one, other) => difference(other) - difference(one)),
  }
}
