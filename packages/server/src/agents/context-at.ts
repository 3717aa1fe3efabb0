import {
  askUserTool,
  CausewayError,
  handOffTool,
  planTool,
  type AgentSpec,
  type Run,
  type RunContext,
  type SessionEvent,
} from '@causeway/contracts'
import type { Database, Scope } from '../database/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { ModelMessage } from '../models/index.ts'
import { offeredTools, sentMessages, tokensOf } from './context.ts'
import { SessionFold } from './fold-session.ts'
import { readWholeSession } from './read-session.ts'

/**
 * What the model was sent at a step, made again from the log and the version of the agent that acted then.
 * @throws CausewayError not-found where the run has made no such step, or one that summed the conversation up
 */
export async function contextAt(
  { database, manifests }: { database: Database; manifests: Manifests },
  scope: Scope,
  { id, sessionId, agent, agentVersion }: Run,
  step: number,
): Promise<RunContext> {
  const fold = new SessionFold(id)
  for (const event of await readWholeSession(database.kysely, scope, sessionId)) {
    if (event.runId === id && stepOf(event) === step) {
      if (event.type === 'answer-evaluated')
        throw new CausewayError('not-found', `At step ${step} the answer was judged: see event ${event.sequence}.`)
      if (event.type === 'context-compacted')
        throw new CausewayError(
          'not-found',
          `At step ${step} the conversation was summed up: see event ${event.sequence}.`,
        )
      const state = fold.state()
      const actor = state.actor ?? { agent, agentVersion }
      const spec = (await manifests.version(scope, 'Agent', actor.agent, actor.agentVersion))?.spec
      if (!spec) throw new CausewayError('not-found', `The version ${actor.agentVersion} of ${actor.agent} is gone.`)
      const sent = sentMessages(spec, state.messages)
      return {
        step,
        tokens: tokensOf(sent),
        instructions: state.created.replay?.instructions ?? spec.instructions,
        tools: [...offeredTools(spec, state), ...ownNames(spec)],
        messages: sent.map(toContextMessage),
      }
    }
    fold.add(event)
  }
  throw new CausewayError('not-found', `The run ${id} has no step ${step}.`)
}

/** The step of a run that an event is the end of. */
const stepOf = ({ type, data }: SessionEvent): number | undefined =>
  type === 'model-responded' || type === 'model-failed' || type === 'context-compacted' || type === 'answer-evaluated'
    ? data.step
    : undefined

const ownNames = ({ questions, plan, handoffs }: AgentSpec): string[] => [
  ...(questions ? [askUserTool] : []),
  ...(plan ? [planTool] : []),
  ...(handoffs ? [handOffTool] : []),
]

function toContextMessage(message: ModelMessage): RunContext['messages'][number] {
  const text = message.content.flatMap(part => ('text' in part ? [part.text] : [])).join('\n')
  if (message.role === 'tool') return { role: 'tool', text, callId: message.callId, tool: message.tool }
  if (message.role !== 'assistant') return { role: message.role, text }
  const toolCalls = message.content.flatMap(part =>
    part.type === 'tool-call' ? [{ callId: part.callId, tool: part.tool, arguments: part.arguments }] : [],
  )
  return { role: 'assistant', text, ...(toolCalls.length > 0 && { toolCalls }) }
}
