import { CausewayError, hasEnded, type Run, type SessionEvent, type ToolCallback } from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Connection, Database } from '../database/index.ts'
import type { Guardrails } from '../guardrails/index.ts'
import type { Jobs } from '../jobs/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { Secrets } from '../secrets/index.ts'
import { checkedOutput } from '../tools/index.ts'
import { answersByCallback } from './accepted-call.ts'
import { auditOfOutcome } from './audit-of-call.ts'
import type { CallbackAddresses, CalledBack } from './callback-address.ts'
import { appendEvents } from './event-log-store.ts'
import { SessionFold } from './fold-session.ts'
import { readWholeSession } from './read-session.ts'
import { resumeIfWaiting } from './resume-if-waiting.ts'
import { findRun, lockRun } from './run-store.ts'
import { recordOfResult, saidBy, type FinalResult } from './tool-result.ts'

export interface ReceiveResultDependencies {
  database: Database
  jobs: Jobs
  manifests: Manifests
  audit: Audit
  callbacks: CallbackAddresses
  guardrails: Guardrails
  redact: Secrets['redact']
}

/**
 * Records the result that a tool sends to a call that it has taken, and lets the run go on: both or neither. A result that cannot be
 * used is refused and may be sent again, better.
 * @throws CausewayError not-found (no such address), conflict (the call has a result, or its run has ended), invalid-request
 */
export async function receiveResult(
  { database, jobs, manifests, audit, callbacks, guardrails, redact }: ReceiveResultDependencies,
  token: string,
  sent: ToolCallback,
): Promise<void> {
  const call = callbacks.read(token)
  if (!call) throw new CausewayError('not-found', 'This is not an address that was given to a tool.')
  const { scope, runId } = call
  const {
    run,
    called: { data: called, at },
  } = await openCall(database.kysely, call)
  const { callId, tool: name } = called
  const tool = await manifests.version(scope, 'Tool', name, called.toolVersion)
  if (!tool || !answersByCallback(tool.spec)) throw new CausewayError('conflict', `${name} gives its results itself.`)
  const result = finalResult({ tool: name, spec: tool.spec }, redacted(sent, redact), Date.now() - Date.parse(at))
  const { result: watches } = await guardrails.inForce(scope)
  const looked = await guardrails.look(scope, watches, saidBy(result))
  const { event, effect } = recordOfResult(called, tool.spec, result, looked)
  await database.transaction(async transaction => {
    await lockRun(transaction, scope, runId)
    // Another may have been faster.
    await openCall(transaction, { scope, runId, callId })
    await appendEvents(transaction, { runId, fence: null, events: [event], effects: effect ? [effect] : [] })
    await resumeIfWaiting(transaction, { jobs }, scope, runId)
    await audit.record(transaction, auditOfOutcome({ ...run, scope }, called, event.data))
  })
}

/** The call as it was recorded, and its run, if it waits for its result. @throws CausewayError conflict */
async function openCall(
  connection: Connection,
  { scope, runId, callId }: CalledBack,
): Promise<{ run: Run; called: Extract<SessionEvent, { type: 'tool-called' }> }> {
  const run = await findRun(connection, scope, runId)
  const fold = new SessionFold(runId)
  let called: Extract<SessionEvent, { type: 'tool-called' }> | undefined
  for (const event of run ? await readWholeSession(connection, scope, run.sessionId) : []) {
    fold.add(event)
    if (event.type === 'tool-called' && event.data.callId === callId) called = event
  }
  const open =
    run && !hasEnded(run.status) && fold.state().calls.some(each => each.call.callId === callId && !each.settled)
  if (!run || !called || !open)
    throw new CausewayError('conflict', 'The call has its result already, or its run has ended.')
  return { run, called }
}

function finalResult(call: Parameters<typeof checkedOutput>[0], said: ToolCallback, durationMs: number): FinalResult {
  const took = { attempts: 1, durationMs }
  if ('error' in said)
    return { outcome: 'failed', error: { code: 'tool-failed', message: said.error.message }, ...took }
  try {
    return { outcome: 'completed', output: checkedOutput(call, said.output), ...took }
  } catch (error) {
    // Here the tool is the caller, and can mend it.
    if (error instanceof CausewayError) throw new CausewayError('invalid-request', error.message, { cause: error })
    throw error
  }
}

/** Without what the platform keeps secret, should the tool repeat it. */
const redacted = (sent: ToolCallback, redact: (text: string) => string): ToolCallback =>
  JSON.parse(redact(JSON.stringify(sent)))
