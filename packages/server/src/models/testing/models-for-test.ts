import { CausewayError, type ManifestInput } from '@causeway/contracts'
import { pino } from 'pino'
import { createEgress } from '../../egress/index.ts'
import { createGuardrails } from '../../guardrails/index.ts'
import type { Secrets } from '../../secrets/index.ts'
import { createModels, type Clock, type ModelRouter } from '../create-models.ts'
import type { Deadlines } from '../deadlines.ts'
import { manifestsOf } from './manifests-of.ts'

export const scope = { organisationId: 'organisation', environmentId: 'environment' }

interface WorldOptions {
  manifests: ManifestInput[]
  secrets?: Record<string, string>
  clock?: Partial<Clock>
  deadlines?: Partial<Deadlines>
  localModelPath?: string
}

/** Models over given manifests and secrets; waits between attempts take no time and are noted in `waits`. */
export function modelsForTest({
  manifests,
  secrets = {},
  clock,
  deadlines,
  localModelPath,
}: WorldOptions): AsyncDisposable & {
  models: ModelRouter
  waits: number[]
} {
  const waits: number[] = []
  const inForce = manifestsOf(...manifests)
  const known: Secrets = {
    ready: () => undefined,
    doubt: () => undefined,
    forget: () => undefined,
    resolve(_scope, { secret }) {
      const value = secrets[secret]
      if (value === undefined) throw new CausewayError('secret-not-found', `There is no ${secret}.`)
      return value
    },
    redact: text => Object.values(secrets).reduce((clean, value) => clean.replaceAll(value, '[secret]'), text),
  }
  const logger = pino({ level: 'silent' })
  const egress = createEgress({ allowed: ['127.0.0.1:*'] })
  const models = createModels({
    manifests: inForce,
    guardrails: createGuardrails({ manifests: inForce, egress, secrets: known, logger }),
    scores: { of: () => ({ count: 0, sum: 0 }) },
    secrets: known,
    logger,
    clock: {
      now: Date.now,
      random: () => 0.5,
      wait: async milliseconds => void waits.push(milliseconds),
      ...clock,
    },
    ...(deadlines && { deadlines }),
    environment: { localModelPath },
  })
  return { models, waits, [Symbol.asyncDispose]: () => models.close() }
}

/** The manifests of a route `chat` with the given providers in their order. */
export function routeOver(
  ...targets: { provider: ManifestInput & { kind: 'Provider' }; model: string }[]
): ManifestInput[] {
  return [
    ...targets.map(({ provider }) => provider),
    {
      kind: 'Route',
      name: 'chat',
      spec: { targets: targets.map(({ provider, model }) => ({ provider: provider.name, model })) },
    },
  ]
}
