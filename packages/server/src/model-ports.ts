import { openCallingSession } from './agents/index.ts'
import type { Audit, AuditRecord } from './audit/index.ts'
import type { Ledger, Quotas, Spender } from './budgets/index.ts'
import type { BatchWriter, Database } from './database/index.ts'
import type { Manifests } from './manifests/index.ts'
import type { ModelCallRecord, ModelCaller, ModelPorts } from './models/index.ts'
import type { Policy } from './policy/index.ts'
import { modelCallAttributes, newSpanId, newTraceId, type Logger, type Telemetry } from './telemetry/index.ts'

interface Parts {
  policy: Policy
  ledger: Ledger
  quotas: Pick<Quotas, 'correction'>
  telemetry: Telemetry
  audit: Pick<Audit, 'record'>
  database: Database
  /** Writes the records of decisions that let a call pass, so that the call does not wait for them. */
  decisions: BatchWriter<AuditRecord>
  calls: BatchWriter<ModelCallRecord>
  manifests: Manifests
  logger: Logger
}

const blockOf = ({ caller, route, guardrails, startedAt }: ModelCallRecord): AuditRecord => ({
  organisationId: caller.organisationId,
  environment: caller.environment,
  actor: caller.actor,
  action: 'model.deny',
  subject: route,
  detail: { route, reasons: guardrails.filter(({ action }) => action === 'block').map(({ guardrail }) => guardrail) },
  at: startedAt,
})

/** What the model routes need of the other domains: decisions, the books, the audit log and spans. */
export function modelPorts({
  policy,
  ledger,
  quotas,
  telemetry,
  audit,
  database,
  decisions,
  calls,
  manifests,
  logger,
}: Parts): ModelPorts {
  return {
    callingSession: (caller, id) => openCallingSession({ database, manifests, logger }, caller, id),
    async decide(caller, subject) {
      const { organisationId, environment, actor, role, team } = caller
      const decision = await policy.decide(caller, {
        action: 'call-model',
        principal: caller.agent === undefined ? { key: caller.keyId } : { agent: caller.agent },
        ...subject,
        circumstances: { environment, role, requestedBy: actor, team },
      })
      const entry: AuditRecord = {
        organisationId,
        environment,
        actor,
        action: `model.${decision.answer}`,
        subject: `${subject.provider}/${subject.model}`,
        detail: { route: subject.route, reasons: decision.reasons.map(({ id }) => id) },
        at: new Date(),
      }
      // A refusal is written down before it is told.
      if (decision.answer === 'allow') decisions.add(entry)
      else await audit.record(database.kysely, entry)
      return decision
    },
    async reserve(caller, subject, { inputTokens, outputTokens, nanoUsd, requests = 1 }) {
      const waiting = calls.room()
      if (waiting) await waiting
      return ledger.hold({
        spender: spenderOf(caller, subject.route),
        requests,
        runId: null,
        kind: 'model',
        subject: subject.route,
        tokens: inputTokens + outputTokens,
        nanoUsd,
      })
    },
    settle: (held, { usage, cost, priceVersion }) => ledger.settle(held, { usage, cost, priceVersion }),
    release: held => ledger.release(held),
    async correction({ caller, route, at }) {
      const correct = await quotas.correction(spenderOf(caller, route), at)
      return (connection, change) => correct(connection, { requests: 0, ...change })
    },
    record(call) {
      calls.add(call)
      observe(call)
    },
    observe,
  }

  function observe(call: ModelCallRecord): void {
    if (call.errorCode === 'guardrail-blocked') decisions.add(blockOf(call))
    const { route, provider, model, finishReason, errorCode, startedAt, durationMs } = call
    telemetry.exportSpan(() => {
      const response = provider &&
        model && {
          ...call,
          provider,
          model,
          finishReason: finishReason ?? 'none',
          attempts: call.attempts.length,
        }
      return {
        scope: call.caller,
        traceId: newTraceId(),
        ...call.trace,
        spanId: newSpanId(),
        name: `chat ${model ?? route}`,
        kind: 'client',
        startedAt,
        endedAt: new Date(startedAt.getTime() + durationMs),
        attributes: modelCallAttributes(response ? { route, response } : { route }),
        ...(errorCode && { errorType: errorCode }),
      }
    })
    const { usage, cost, outcome, cache, savedNanoUsd, guardrails } = call
    telemetry.metrics.observeModelCall({
      provider,
      model,
      outcome: errorCode ?? outcome,
      seconds: durationMs / 1000,
      usage,
      cost,
      cache,
      savedNanoUsd,
      guardrails,
    })
  }
}

const spenderOf = (caller: ModelCaller, route: string): Spender => ({
  scope: caller,
  keyId: caller.keyId,
  userId: caller.userId,
  teamId: caller.teamId,
  agent: caller.agent ?? null,
  route,
})
