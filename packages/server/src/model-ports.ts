import type { Audit } from './audit/index.ts'
import type { Ledger } from './budgets/index.ts'
import type { Database } from './database/index.ts'
import type { ModelPorts } from './models/index.ts'
import type { Policy } from './policy/index.ts'
import { modelCallAttributes, newSpanId, newTraceId, type Telemetry } from './telemetry/index.ts'

interface Parts {
  policy: Policy
  ledger: Ledger
  telemetry: Telemetry
  audit: Audit
  database: Database
}

/** What the model routes need of the other domains: decisions, the books, the audit log and spans. */
export function modelPorts({ policy, ledger, telemetry, audit, database }: Parts): ModelPorts {
  return {
    async decide(caller, subject) {
      const { organisationId, environment, actor, role } = caller
      const decision = await policy.decide(caller, {
        action: 'call-model',
        principal: { key: caller.keyId },
        ...subject,
        circumstances: { environment, role, requestedBy: actor },
      })
      await audit.record(database.kysely, {
        organisationId,
        environment,
        actor,
        action: `model.${decision.answer}`,
        subject: `${subject.provider}/${subject.model}`,
        detail: { route: subject.route, reasons: decision.reasons.map(({ id }) => id) },
      })
      return decision
    },
    reserve: (caller, subject, { inputTokens, outputTokens, nanoUsd }) =>
      ledger.reserve({
        scope: caller,
        runId: null,
        apiKeyId: caller.keyId,
        kind: 'model',
        subject: subject.route,
        tokens: inputTokens + outputTokens,
        nanoUsd,
      }),
    settle: (reservation, { usage, cost, priceVersion }) => ledger.settle(reservation, { usage, cost, priceVersion }),
    release: reservation => ledger.release(reservation),
    record(call) {
      const { route, provider, model, finishReason, errorCode, startedAt, durationMs } = call
      const response = provider &&
        model && {
          ...call,
          provider,
          model,
          finishReason: finishReason ?? 'none',
          attempts: call.attempts.length,
        }
      telemetry.recordSpan({
        scope: call.caller,
        traceId: newTraceId(),
        spanId: newSpanId(),
        name: `chat ${model ?? route}`,
        kind: 'client',
        startedAt,
        endedAt: new Date(startedAt.getTime() + durationMs),
        attributes: modelCallAttributes(response ? { route, response } : { route }),
        ...(errorCode && { errorType: errorCode }),
      })
      const { usage, cost, outcome } = call
      telemetry.metrics.observeModelCall({
        provider,
        model,
        outcome: errorCode ?? outcome,
        seconds: durationMs / 1000,
        usage,
        cost,
      })
    },
  }
}
