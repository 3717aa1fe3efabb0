import { createHash } from 'node:crypto'
import type { DialectName } from '../dialects/dialect-name.ts'
import { insertCalls } from '../calls/call-store.ts'
import type { ModelCallRecord } from '../ports.ts'
import { priceCall } from '../prices/price-call.ts'
import type { Target } from '../providers/provider-adapter.ts'
import { noTokens } from '../token-usage.ts'
import { linesOf, readBatchAnswer, type BatchAnswer } from './batch-output.ts'
import type { BatchDependencies } from './provider-files.ts'
import { markSettled, type StoredBatch } from './store.ts'

interface EndedBatch {
  batch: StoredBatch
  target: Target
  /** Its output and its errors. */
  files: readonly string[]
}

const rowsAtOnce = 1000

/**
 * Records each request of a batch that has ended, and puts right in the budgets what was booked for it at most. Does
 * so once, whichever replicas try.
 * @throws ProviderFailure when its files cannot be read
 */
export async function settleBatch(
  dependencies: BatchDependencies,
  { batch, target, files }: EndedBatch,
  signal: AbortSignal,
): Promise<void> {
  const { models } = dependencies
  const records: ModelCallRecord[] = []
  for (const id of files) {
    const path = `/files/${encodeURIComponent(id)}/content`
    const { body } = await models.files(target, { method: 'GET', path }, { signal })
    for await (const line of linesOf(body)) {
      const answer = readBatchAnswer(line, batch.totals.endpoint)
      if (answer && records.length < batch.totals.requests)
        records.push(recordOf(batch, target, answer, models.clock.now()))
    }
  }
  await bookBatch(dependencies, batch, records)
}

/** Settles a batch of which nothing more can be learned: what was booked for it stays. */
export async function giveUpBatch(dependencies: BatchDependencies, batch: StoredBatch): Promise<void> {
  await dependencies.database.transaction(transaction => markSettled(transaction, batch))
}

async function bookBatch(
  { database, ports }: BatchDependencies,
  batch: StoredBatch,
  records: readonly ModelCallRecord[],
): Promise<void> {
  const made = { caller: callerOf(batch), route: batch.totals.route, at: batch.createdAt }
  const correct = await ports.correction(made)
  const settled = await database.transaction(async transaction => {
    if (!(await markSettled(transaction, batch))) return false
    for (let from = 0; from < records.length; from += rowsAtOnce)
      await insertCalls(transaction, records.slice(from, from + rowsAtOnce))
    await correct(transaction, {
      tokens: sumOf(records, ({ usage }) => usage.inputTokens + usage.outputTokens) - batch.booked.tokens,
      nanoUsd: sumOf(records, ({ cost }) => cost.nanoUsd) - batch.booked.nanoUsd,
    })
    return true
  })
  if (settled) for (const record of records) ports.observe(record)
}

const sumOf = (records: readonly ModelCallRecord[], of: (record: ModelCallRecord) => number): number =>
  records.reduce((sum, record) => sum + of(record), 0)

const dialects: Readonly<Record<string, DialectName | 'openai-embeddings'>> = {
  '/v1/chat/completions': 'openai-chat',
  '/v1/responses': 'openai-responses',
  '/v1/embeddings': 'openai-embeddings',
}

function recordOf(
  batch: StoredBatch,
  { provider, spec }: Target,
  { customId, use }: BatchAnswer,
  now: number,
): ModelCallRecord {
  const { model, totals, createdAt } = batch
  const usage = use?.usage ?? noTokens
  const billing = { ...use?.billing, serviceTier: 'batch' }
  return {
    requestId: idOf(batch, customId),
    shadowOf: null,
    caller: callerOf(batch),
    sessionId: null,
    dialect: dialects[totals.endpoint] ?? 'openai-chat',
    streamed: false,
    route: totals.route,
    routing: { strategy: 'batch', reason: `request "${customId.slice(0, 200)}" of ${batch.id}`, leftOut: [] },
    provider,
    model,
    rehearsal: false,
    outcome: use ? 'completed' : 'failed',
    errorCode: use ? null : 'provider-failed',
    errorMessage: null,
    downgradedTo: null,
    budgetWarnings: [],
    finishReason: use?.finishReason ?? null,
    serviceTier: 'batch',
    cache: null,
    savedNanoUsd: 0,
    structuredOutput: null,
    dataClasses: batch.dataClasses,
    guardrails: [],
    attempts: [],
    usage,
    usageEstimated: use !== undefined && use.usage === undefined,
    ...priceCall({ spec, model, usage, usageEstimated: use?.usage === undefined, billing, at: createdAt }),
    startedAt: createdAt,
    firstByteMs: null,
    durationMs: now - createdAt.getTime(),
  }
}

const callerOf = ({ organisationId, environmentId, caller }: StoredBatch): ModelCallRecord['caller'] => ({
  organisationId,
  environmentId,
  ...caller,
  role: 'developer',
  rights: new Set(),
  boundToEnvironment: true,
  everywhere: false,
  byCookie: false,
})

/** The same for every replica that settles the batch, and that of no other tenant. */
function idOf({ organisationId, environmentId, provider, id }: StoredBatch, customId: string): string {
  const name = JSON.stringify([organisationId, environmentId, provider, id, customId])
  const hash = createHash('sha256').update(name).digest('hex')
  return [8, 12, 16, 20, 32].map((end, index, ends) => hash.slice(index && ends[index - 1], end)).join('-')
}
