import { CausewayError, type Run, type RunContext } from '@causeway/contracts'
import type { Database, Scope } from '../database/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { ModelMessage } from '../models/index.ts'
import { sentMessages, tokensOf } from './context.ts'
import { SessionFold } from './fold-session.ts'
import { readWholeSession } from './read-session.ts'

/**
 * What the model was sent at a step, made again from the log and the version of the agent that the run has.
 * @throws CausewayError not-found where the run has made no such step
 */
export async function contextAt(
  { database, manifests }: { database: Database; manifests: Manifests },
  scope: Scope,
  { id, sessionId, agent, agentVersion }: Run,
  step: number,
): Promise<RunContext> {
  const fold = new SessionFold(id)
  const pinned = await manifests.version(scope, 'Agent', agent, agentVersion)
  for (const event of await readWholeSession(database.kysely, scope, sessionId)) {
    if (
      event.runId === id &&
      pinned &&
      'step' in event.data &&
      event.data.step === step &&
      event.type !== 'output-rejected'
    ) {
      const { messages, created } = fold.state()
      const { tools, instructions } = pinned.spec
      const sent = sentMessages(pinned.spec, messages)
      return {
        step,
        tokens: tokensOf(sent),
        instructions: created.replay?.instructions ?? instructions,
        tools: tools.filter(name => created.scope?.tools?.includes(name) ?? true),
        messages: sent.map(toContextMessage),
      }
    }
    fold.add(event)
  }
  throw new CausewayError('not-found', `The run ${id} has no step ${step}.`)
}

function toContextMessage(message: ModelMessage): RunContext['messages'][number] {
  const text = message.content.flatMap(part => ('text' in part ? [part.text] : [])).join('\n')
  if (message.role === 'tool') return { role: 'tool', text, callId: message.callId, tool: message.tool }
  if (message.role !== 'assistant') return { role: message.role, text }
  const toolCalls = message.content.flatMap(part =>
    part.type === 'tool-call' ? [{ callId: part.callId, tool: part.tool, arguments: part.arguments }] : [],
  )
  return { role: 'assistant', text, ...(toolCalls.length > 0 && { toolCalls }) }
}
