import { CausewayError, type ManifestOf, type Run, type Trigger, type TriggerMessage } from '@causeway/contracts'
import { WebhookVerificationError } from 'standardwebhooks'
import { createRun, type CreateRunDependencies } from '../agents/index.ts'
import type { Scope } from '../database/index.ts'
import { callerOfKey, requireRight } from '../identity/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { signerOf } from '../webhooks/index.ts'
import { firstTime, isTimed, timeAfter } from './schedule.ts'
import {
  forgetTrigger,
  listTriggers,
  noteFiring,
  planTrigger,
  scopeOf,
  takeDueTriggers,
  unplannedTriggers,
  type DueTrigger,
} from './store.ts'

/** What starts runs by itself. */
export interface Triggers {
  list(scope: Scope): Promise<Trigger[]>
  /** Fires a trigger now, whatever starts it otherwise. @throws CausewayError not-found, and what creating a run throws */
  fire(scope: Scope & { environment: string }, name: string): Promise<Run>
  /**
   * Takes a webhook. The same `webhook-id` starts one run.
   * @throws CausewayError invalid-credentials for whatever is not signed as it must be, and what creating a run throws
   */
  receive(environmentId: string, name: string, webhook: ReceivedWebhook): Promise<Run>
  /** Takes a message of somebody with a key. @throws CausewayError not-found, and what creating a run throws */
  send(scope: Scope & { environment: string }, name: string, message: TriggerMessage): Promise<Run>
  /** Takes a message of a queue. The same `key` starts one run. @throws CausewayError as creating a run does */
  take(scope: Scope, trigger: ActiveTrigger, message: { key: string; body: string }): Promise<Run>
  /** Notes why a queue cannot be read. */
  noteFailure(scope: Scope, name: string, why: string): Promise<void>
  /** Plans and fires what is due. */
  tick(): Promise<void>
}

export interface ReceivedWebhook {
  headers: Record<string, string>
  body: string
}

export interface TriggersOptions extends CreateRunDependencies {
  secrets: Secrets
  logger: Logger
}

export type ActiveTrigger = ManifestOf<'Trigger'>

const atOnce = 50
/** Characters of a webhook that the agent is told. */
const bodyAtMost = 200_000

export function createTriggers({ secrets, logger, ...dependencies }: TriggersOptions): Triggers {
  const { database, manifests } = dependencies
  const { kysely } = database

  const active = async (scope: Scope, name: string): Promise<ActiveTrigger | undefined> =>
    (await manifests.active(scope, 'Trigger', name))?.manifest

  const start = async (
    scope: Scope & { environment: string },
    { name, spec: { agent, input, runAs } }: ActiveTrigger,
    { key, body }: { key: string; body?: string },
  ): Promise<Run> => {
    const caller = await callerOfKey(database, scope, runAs)
    requireRight(caller, 'runs:write')
    const said = body === undefined ? input : `${input}\n\n${body.slice(0, bodyAtMost)}`
    // Whoever sends a webhook is nobody's user: what it says counts as read, not as said.
    const inherited =
      body === undefined
        ? {}
        : {
            inherited: {
              context: { integrity: 'untrusted' as const, readers: '*' as const, origins: [`trigger:${name}`] },
              said: [input],
            },
          }
    // Nobody sits and waits for it.
    const request = { agent, input: said, priority: 'batch' as const }
    return createRun(dependencies, caller, request, `trigger:${name}:${key}`, inherited)
  }

  const noted = async (scope: Scope, name: string, started: Promise<Run>, nextAt?: Date | null): Promise<Run> => {
    const next = nextAt === undefined ? {} : { nextAt }
    try {
      const run = await started
      await noteFiring(kysely, scope, name, { runId: run.id, error: null, ...next })
      return run
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      await noteFiring(kysely, scope, name, { runId: null, error: message.slice(0, 1000), ...next })
      throw error
    }
  }

  const fireDue = async ({ name, dueAt, ...owner }: DueTrigger): Promise<void> => {
    const [scope, trigger] = [await scopeOf(kysely, owner.environmentId), await active(owner, name)]
    if (!scope || !trigger || !isTimed(trigger.spec.on)) return forgetTrigger(kysely, owner, name)
    // What was missed while nothing ran is made up for once.
    const nextAt = timeAfter(trigger.spec.on, new Date())
    await noted(scope, name, start(scope, trigger, { key: dueAt.toISOString() }), nextAt).catch((error: unknown) => {
      logger.warn({ err: error, trigger: name, environment: scope.environment }, 'a trigger could not start its run')
    })
  }

  return {
    async list(scope) {
      const [all, rows] = [await manifests.allActive(scope, 'Trigger'), await listTriggers(kysely, scope)]
      return all.map(({ manifest: { name, spec } }) => {
        const row = rows.find(each => each.name === name)
        return {
          name,
          agent: spec.agent,
          type: spec.on.type,
          path: spec.on.type === 'webhook' ? `/v1/hooks/${scope.environmentId}/${name}` : null,
          nextAt: row?.next_at?.toISOString() ?? null,
          lastAt: row?.last_at?.toISOString() ?? null,
          lastRunId: row?.last_run_id ?? null,
          lastError: row?.last_error ?? null,
        }
      })
    },

    async fire(scope, name) {
      const trigger = await active(scope, name)
      if (!trigger) throw new CausewayError('not-found', `There is no trigger ${name} in ${scope.environment}.`)
      const by = isTimed(trigger.spec.on) ? {} : { body: '{}' }
      return noted(scope, name, start(scope, trigger, { key: crypto.randomUUID(), ...by }))
    },

    async receive(environmentId, name, { headers, body }) {
      const scope = await scopeOf(kysely, environmentId)
      const trigger = scope && (await active(scope, name))
      // Who cannot sign is not told what is here.
      if (!scope || trigger?.spec.on.type !== 'webhook') throw unsigned()
      const { secret } = trigger.spec.on
      await secrets.ready(scope, [secret])
      verify(secrets.resolve(scope, secret, 'tool'), headers, body)
      return noted(scope, name, start(scope, trigger, { key: headers['webhook-id'] ?? '', body }))
    },

    async send(scope, name, { id = crypto.randomUUID(), body }) {
      const trigger = await active(scope, name)
      if (trigger?.spec.on.type !== 'message')
        throw new CausewayError('not-found', `There is no trigger ${name} in ${scope.environment} that takes messages.`)
      return noted(scope, name, start(scope, trigger, { key: id, body }))
    },

    async take(owner, trigger, message) {
      const scope = await scopeOf(kysely, owner.environmentId)
      if (!scope) throw new CausewayError('not-found', 'The environment is gone.')
      return noted(scope, trigger.name, start(scope, trigger, message))
    },

    noteFailure: (scope, name, why) => noteFiring(kysely, scope, name, { runId: null, error: why.slice(0, 1000) }),

    async tick() {
      for (const { name, version, lastAt, ...scope } of await unplannedTriggers(kysely, atOnce)) {
        const spec = (await manifests.version(scope, 'Trigger', name, version))?.spec
        const nextAt = spec && isTimed(spec.on) ? firstTime(spec.on, { now: new Date(), lastAt }) : null
        await planTrigger(kysely, scope, { name, version, nextAt })
      }
      for (const due of await takeDueTriggers(kysely, atOnce)) await fireDue(due)
    },
  }
}

const unsigned = (): CausewayError =>
  new CausewayError('invalid-credentials', 'The webhook is not signed with the secret of a trigger that is here.')

/** Source: Standard Webhooks specification, "Verifying signatures"; a message older than five minutes is refused. */
function verify(secret: string, headers: Record<string, string>, body: string): void {
  try {
    signerOf(secret).verify(body, headers)
  } catch (error) {
    if (error instanceof WebhookVerificationError || error instanceof SyntaxError) throw unsigned()
    throw error
  }
}
