import { CausewayError, ErrorCode, type EventData, type Run } from '@causeway/contracts'
import { answerInSession } from './open-question.ts'
import { createTextOfSteps, needsApproval, questionText } from './text-of-steps.ts'
import { cancelRun, createRun, findRun, type CreateRunDependencies, type EventSource } from '../agents/index.ts'
import type { Approvals } from '../approvals/index.ts'
import { requireRight, type Caller } from '../identity/index.ts'
import type { AgentCall, AgentModels, ModelEvent } from '../models/index.ts'

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
      const { agent, input, attachments, history, signal, trace } = call
      const request = {
        agent,
        input,
        ...(attachments.length > 0 && { attachments }),
        ...(sessionId && { sessionId }),
        ...(history.length > 0 && { history }),
      }
      const asked = sessionId
        ? await answerInSession(dependencies, caller, { agent, sessionId, answer: input })
        : undefined
      const run = asked?.run ?? (await createRun(dependencies, caller, request, undefined, { trace }))
      return {
        // The second answer of a run is another answer.
        runId: asked ? crypto.randomUUID() : run.id.replace(/^run_/, ''),
        headers: { 'causeway-run': run.id, 'causeway-session': run.sessionId },
        events: answerOf(dependencies, caller, run, { signal, after: asked?.after ?? 0 }),
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
  { signal, after }: { signal: AbortSignal; after: number },
): AsyncGenerator<ModelEvent, void> {
  const texts = createTextOfSteps()
  let last: number | undefined
  const say = function* (step: number, text: string): Generator<ModelEvent> {
    const between = last !== undefined && last !== step ? '\n\n' : ''
    last = step
    yield { type: 'text', text: between + text }
  }
  let atRest = false
  try {
    yield { type: 'started' }
    for await (const each of dependencies.watch(caller, { sessionId, runId: id, after, signal })) {
      const piece = texts.in(each)
      if (piece) yield* say(piece.step, piece.text)
      if (each.type === 'approval-requested') {
        atRest = true
        yield* say(Number.POSITIVE_INFINITY, needsApproval(each.data))
        yield { type: 'finished', reason: 'stop' }
        return
      }
      if (each.type === 'question-asked') {
        atRest = true
        yield* say(Number.POSITIVE_INFINITY, questionText(each.data))
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
