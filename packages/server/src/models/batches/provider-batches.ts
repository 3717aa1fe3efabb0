import { CausewayError } from '@causeway/contracts'
import type { Caller } from '../../identity/index.ts'
import { isRecord } from '../dialects/head-members.ts'
import { parseBody } from '../dialects/parse-body.ts'
import { requireAllowed } from '../gateway/require-allowed.ts'
import { ownerOf } from '../owner.ts'
import { estimateCost, priceVersionOf } from '../prices/price-call.ts'
import { subjectOf } from '../subject-of.ts'
import { noTokens } from '../token-usage.ts'
import {
  answersUnread,
  askProvider,
  batchTarget,
  isPossible,
  objectIn,
  providerNamed,
  type BatchDependencies,
} from './provider-files.ts'
import { settleBatch } from './settle-batch.ts'
import {
  findBatch,
  findFile,
  insertBatch,
  insertFile,
  listBatches,
  updateBatch,
  type ListOptions,
  type StoredBatch,
} from './store.ts'

/** Batches of clients at providers. Another tenant's are not found. Answers are the provider's own. */
export interface ProviderBatches {
  /** @throws CausewayError invalid-request, not-found, policy-denied, BudgetExceeded, ProviderFailure */
  create(caller: Caller, body: Buffer, signal: AbortSignal): Promise<Buffer>
  list(caller: Caller, options: Pick<ListOptions, 'limit' | 'after'>): Promise<string[]>
  /** @throws CausewayError not-found, ProviderFailure */
  get(caller: Caller, id: string, signal: AbortSignal): Promise<Buffer>
  /** @throws CausewayError not-found, ProviderFailure */
  cancel(caller: Caller, id: string, signal: AbortSignal): Promise<Buffer>
  /** Looks at a batch, and settles it when it has ended. @throws ProviderFailure, CausewayError */
  refresh(batch: StoredBatch, signal: AbortSignal): Promise<Buffer>
}

const ended: ReadonlySet<unknown> = new Set(['completed', 'failed', 'expired', 'cancelled'])

export function createProviderBatches(dependencies: BatchDependencies): ProviderBatches {
  const { models, database, ports } = dependencies
  const { kysely } = database

  const find = async (caller: Caller, id: string): Promise<StoredBatch> => {
    const batch = isPossible(id) ? await findBatch(kysely, ownerOf(caller), id) : undefined
    if (!batch) throw new CausewayError('not-found', `There is no batch "${id}".`)
    return batch
  }

  const ask = async (batch: StoredBatch, method: 'GET' | 'POST', path: string, signal: AbortSignal) => {
    const target = { ...(await providerNamed(models, batch, batch.provider)), model: batch.model }
    const answer = await askProvider(models, target, { method, path }, signal)
    const object = objectIn(target, answer)
    for (const id of outputsIn(object))
      await insertFile(kysely, batch, {
        id,
        provider: batch.provider,
        purpose: 'batch_output',
        object: JSON.stringify({ id, object: 'file', purpose: 'batch_output' }),
        batch: null,
        dataClasses: batch.dataClasses,
      })
    await updateBatch(kysely, batch, answer.toString('utf8'))
    if (batch.settledAt === null && ended.has(object['status']))
      await settleBatch(dependencies, { batch, target, files: outputsIn(object) }, signal)
    return answer
  }

  const refresh = (batch: StoredBatch, signal: AbortSignal): Promise<Buffer> =>
    ask(batch, 'GET', `/batches/${encodeURIComponent(batch.id)}`, signal)

  return {
    async create(caller, body, signal) {
      const owner = ownerOf(caller)
      const { file: fileId, endpoint } = readCreate(body)
      const file = await findFile(kysely, owner, fileId)
      if (!file?.batch)
        throw new CausewayError('not-found', `There is no file "${fileId}" with the requests of a batch.`, {
          problems: [{ pointer: '/input_file_id', message: 'expected a file that was uploaded for a batch' }],
        })
      const { batch: totals, dataClasses } = file
      if (endpoint !== totals.endpoint)
        throw new CausewayError('invalid-request', `The requests of the file are for ${totals.endpoint}.`, {
          problems: [{ pointer: '/endpoint', message: `expected "${totals.endpoint}"` }],
        })
      const target = await batchTarget(models, caller, totals)
      if (target.provider !== file.provider)
        throw new CausewayError(
          'conflict',
          `The route "${totals.route}" leads to "${target.provider}" now; upload the file again.`,
        )
      const guard = await models.guard(caller, { content: () => undefined, dataClasses })
      if (guard.watchesOutput) throw answersUnread()
      const subject = subjectOf(totals.route, target, dataClasses)
      await requireAllowed(ports, caller, subject)
      const createdAt = new Date(models.clock.now())
      const { spec, model } = target
      const estimate = estimateCost({ ...totals, spec, model, at: createdAt, serviceTier: 'batch' })
      const held = await ports.reserve(caller, subject, { ...estimate, requests: totals.requests })
      let answer: Buffer
      let id: string
      try {
        const request = { method: 'POST' as const, path: '/batches', body: { body, contentType: 'application/json' } }
        answer = await askProvider(models, target, request, signal)
        ;({ id } = objectIn(target, answer))
      } catch (error) {
        await ports.release(held)
        throw error
      }
      // What it may use at most counts from now on, and is put right when it has ended.
      const usage = { ...noTokens, inputTokens: estimate.inputTokens, outputTokens: estimate.outputTokens }
      const cost = { nanoUsd: estimate.nanoUsd, status: 'estimated' as const }
      await ports.settle(held, { usage, usageEstimated: true, cost, priceVersion: priceVersionOf(spec) })
      const { keyId, userId, teamId, team, actor, environment } = caller
      await insertBatch(kysely, {
        ...owner,
        id,
        provider: target.provider,
        model,
        caller: { keyId, userId, teamId, team, actor, environment },
        totals,
        booked: { tokens: estimate.inputTokens + estimate.outputTokens, nanoUsd: estimate.nanoUsd },
        dataClasses,
        object: answer.toString('utf8'),
        createdAt,
      })
      return answer
    },
    list: (caller, options) => listBatches(kysely, ownerOf(caller), options),
    get: async (caller, id, signal) => refresh(await find(caller, id), signal),
    async cancel(caller, id, signal) {
      const batch = await find(caller, id)
      return ask(batch, 'POST', `/batches/${encodeURIComponent(id)}/cancel`, signal)
    },
    refresh,
  }
}

/** @throws CausewayError invalid-json, invalid-request */
function readCreate(body: Buffer): { file: string; endpoint: string } {
  const request = parseBody(body)
  const { input_file_id: file, endpoint } = isRecord(request) ? request : {}
  if (typeof file === 'string' && isPossible(file) && typeof endpoint === 'string') return { file, endpoint }
  throw new CausewayError('invalid-request', 'A batch is made from an "input_file_id" and an "endpoint".', {
    problems: [
      ...(typeof file === 'string' && isPossible(file)
        ? []
        : [{ pointer: '/input_file_id', message: 'expected the id of a file' }]),
      ...(typeof endpoint === 'string' ? [] : [{ pointer: '/endpoint', message: 'expected the path of an endpoint' }]),
    ],
  })
}

const outputsIn = (object: Record<string, unknown>): string[] =>
  [object['output_file_id'], object['error_file_id']].filter(
    (id): id is string => typeof id === 'string' && isPossible(id),
  )
