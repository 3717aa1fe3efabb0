import { HandOff, handOffTool, type AgentSpec, type EventError, type RequestedToolCall } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { ModelTool } from '../models/index.ts'
import { note, type Segment } from './segment.ts'

/** How often a run may be handed over. Beyond that agents pass it back and forth. */
const handOffsAtMost = 10

/** How models are told to whom they can hand over, with what these agents are for. */
export async function handOffDefinition(
  { manifests }: { manifests: Manifests },
  scope: Scope,
  { handoffs = [] }: Pick<AgentSpec, 'handoffs'>,
): Promise<ModelTool[]> {
  if (handoffs.length === 0) return []
  const agents = await Promise.all(handoffs.map(name => manifests.active(scope, 'Agent', name)))
  const lines = agents.flatMap(agent =>
    agent ? [`- ${agent.manifest.name}: ${agent.manifest.description ?? 'no description'}`] : [],
  )
  return [
    {
      name: handOffTool,
      description: `Hands the conversation over to another agent, which goes on with the user in your place:\n${lines.join('\n')}`,
      input: {
        type: 'object',
        properties: { agent: { type: 'string', enum: handoffs }, reason: { type: 'string' } },
        required: ['agent'],
        additionalProperties: false,
      },
    },
  ]
}

/**
 * Hands the conversation over. The run goes on as it is, with what it has seen, spent and may spend; from its next segment on it is the other
 * agent that acts.
 * @returns why that is refused, if it is
 */
export async function handOff(
  segment: Segment,
  { callId, tool, arguments: values }: RequestedToolCall,
): Promise<EventError | undefined> {
  const { dependencies, run, agent, fold } = segment
  const wanted = HandOff.safeParse(values)
  if (!wanted.success || !agent.handoffs?.includes(wanted.data.agent))
    return {
      code: 'invalid-tool-arguments',
      message: `${tool} takes {"agent": …} with one of ${agent.handoffs?.join(', ')}.`,
    }
  const state = fold.state()
  if (state.actor?.agent !== undefined && state.actor.agent !== run.agent)
    return { code: 'conflict', message: `The conversation is handed over to ${state.actor.agent} already.` }
  if (state.handOffs >= handOffsAtMost)
    return { code: 'limit-exceeded', message: `A run is handed over at most ${handOffsAtMost} times.` }
  const to = await dependencies.manifests.active(run.scope, 'Agent', wanted.data.agent)
  if (!to) return { code: 'not-found', message: `There is no agent ${wanted.data.agent} in ${run.environment}.` }
  const data = { callId, tool, from: run.agent, ...wanted.data, agentVersion: to.version }
  note(segment, { events: [{ type: 'handed-off', data }] })
  return undefined
}
