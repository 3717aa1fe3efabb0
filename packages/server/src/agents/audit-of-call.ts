import type { Decision, EventData } from '@causeway/contracts'
import type { AuditRecord } from '../audit/index.ts'
import { bindingOf } from './call-arguments.ts'
import type { ClaimedRun } from './run-store.ts'

type AuditedRun = Pick<ClaimedRun, 'id' | 'scope' | 'environment' | 'agent' | 'requestedBy'>

/** What was decided on: the version of the tool, and the arguments in the one form in which they are sent. */
export interface DecidedCall {
  callId: string
  tool: string
  toolVersion: string
  arguments: Record<string, unknown>
}

/**
 * The record of a decision. The arguments stand in the log of the run, from which they can be erased; here is their hash with the
 * version and the run, so that neither can be changed unseen.
 */
export const auditOfDecision = (run: AuditedRun, call: DecidedCall, decision: Decision): AuditRecord => ({
  ...about(run, call.tool),
  action: `tool.${decision.answer}`,
  detail: {
    runId: run.id,
    callId: call.callId,
    version: call.toolVersion,
    binding: bindingOf(run.id, call.toolVersion, call.arguments),
    requestedBy: run.requestedBy,
    reasons: idsOf(decision),
    ...(decision.shadow && { shadow: { answer: decision.shadow.answer, reasons: idsOf(decision.shadow) } }),
  },
})

/** The record of what became of a call. */
export const auditOfOutcome = (
  run: AuditedRun,
  { toolVersion }: Pick<EventData<'tool-called'>, 'toolVersion'>,
  { callId, tool, outcome, attempts, error }: EventData<'tool-responded'>,
): AuditRecord => ({
  ...about(run, tool),
  at: new Date(),
  action: `tool.${outcome}`,
  detail: { runId: run.id, callId, version: toolVersion, attempts, ...(error && { error: error.code }) },
})

const about = ({ scope, environment, agent }: AuditedRun, tool: string) => ({
  organisationId: scope.organisationId,
  environment,
  actor: `agent:${agent}`,
  subject: tool,
})

const idsOf = ({ reasons }: Pick<Decision, 'reasons'>): string[] => reasons.map(({ id }) => id)
