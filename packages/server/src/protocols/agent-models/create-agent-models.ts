import {
  CausewayError,
  ErrorCode,
  type EventData,
  type LiveFrame,
  type Run,
  type SessionEvent,
} from '@causeway/contracts'
import { cancelRun, createRun, findRun, type CreateRunDependencies, type EventSource } from '../../agents/index.ts'
import type { Approvals } from '../../approvals/index.ts'
import { requireRight, type Caller } from '../../identity/index.ts'
import type { AgentCall, AgentModels, ModelEvent } from '../../models/index.ts'

interface AgentModelsDependencies extends CreateRunDependencies, EventSource {
  approvals: Approvals
}

/** Agents as models: each answer is a run. */
export function createAgentModels(dependencies: AgentModelsDependencies): AgentModels {
  return {
    async list(caller) {
      const agents = await dependencies.manifests.allActive(caller, 'Agent')
      return agents.map(({ manifest }) => manifest.name).toSorted()
    },
    async begin(caller, call) {
      requireRight(caller, 'runs:write')
      const sessionId = await sessionOf(dependencies, caller, call)
      const { agent, input, history, signal } = call
      const request = { agent, input, ...(sessionId && { sessionId }), ...(history.length > 0 && { history }) }
      const run = await createRun(dependencies, caller, request, undefined)
      return {
        runId: run.id.replace(/^run_/, ''),
        headers: { 'causeway-run': run.id, 'causeway-session': run.sessionId },
        events: answerOf(dependencies, caller, run, signal),
      }
    },
  }
}

async function sessionOf(
  { database }: AgentModelsDependencies,
  caller: Caller,
  { session }: AgentCall,
): Promise<string | undefined> {
  if (!session || 'id' in session) return session?.id
  const run = await findRun(database.kysely, caller, `run_${session.ofRun}`)
  if (!run)
    throw new CausewayError('not-found', 'There is no response of this agent with the id in "previous_response_id".')
  return run.sessionId
}

/** What an agent says, as a model would. */
async function* answerOf(
  dependencies: AgentModelsDependencies,
  caller: Caller,
  { id, sessionId }: Run,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void> {
  const text = createTextOfSteps()
  let atRest = false
  try {
    yield { type: 'started' }
    for await (const each of dependencies.watch(caller, { sessionId, runId: id, after: 0, signal })) {
      yield* text.in(each)
      if (each.type === 'approval-requested') {
        atRest = true
        yield* text.say(needsApproval(each.data))
        yield { type: 'finished', reason: 'stop' }
        return
      }
      if (each.type === 'run-ended') {
        atRest = true
        yield* endOf(each.data)
        return
      }
    }
    signal.throwIfAborted()
  } finally {
    if (!atRest) await cancelRun(dependencies, caller, id)
  }
}

/** The texts of the steps of a run. Live frames may be missing, of a run that works elsewhere: the event has all of a text. */
function createTextOfSteps() {
  const told = new Map<number, string>()
  let last: number | undefined
  function* tell(step: number, text: string): Generator<ModelEvent> {
    if (text === '') return
    const before = last !== undefined && last !== step ? '\n\n' : ''
    last = step
    told.set(step, (told.get(step) ?? '') + text)
    yield { type: 'text', text: before + text }
  }
  return {
    *in(each: SessionEvent | LiveFrame): Generator<ModelEvent> {
      if (each.type === 'text-delta') yield* tell(each.step, each.text)
      if (each.type !== 'model-responded') return
      const { step, text } = each.data
      const already = told.get(step) ?? ''
      if (text.startsWith(already)) yield* tell(step, text.slice(already.length))
    },
    say: (text: string) => tell(Number.POSITIVE_INFINITY, text),
  }
}

const needsApproval = ({ approvalId, tool }: EventData<'approval-requested'>): string =>
  `A person must decide first whether ${tool} is called (${approvalId}). Ask again when that is done.`

function* endOf({ status, reason, message, spent }: EventData<'run-ended'>): Generator<ModelEvent> {
  if (status === 'failed' || status === 'cancelled') {
    const code = ErrorCode.safeParse(reason)
    throw new CausewayError(code.success ? code.data : 'conflict', message ?? `The run was ${status}.`)
  }
  const { inputTokens, outputTokens } = spent
  yield {
    type: 'usage',
    usage: { inputTokens, outputTokens, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
  }
  yield { type: 'finished', reason: status === 'limited' ? 'length' : 'stop' }
}
