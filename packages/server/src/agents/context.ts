import type { AgentSpec } from '@causeway/contracts'
import { contentCharacters, estimateTokens, type ModelMessage } from '../models/index.ts'
import type { RunState } from './fold-session.ts'

/** Answers of the model that are neither cut nor summed up, with what followed them. */
export const keptTurns = 2

/** What is left of an old result of a tool where the conversation is too long. Characters. */
const headOfResult = 500

/** Tokens of messages, as estimated. */
export const tokensOf = (messages: readonly ModelMessage[]): number =>
  estimateTokens(messages.reduce((sum, { content }) => sum + contentCharacters(content), 0))

/** The conversation as a model is sent it: where it is longer than the agent allows, with old results of tools cut. */
export function sentMessages(
  { context }: Pick<AgentSpec, 'context'>,
  messages: readonly ModelMessage[],
): readonly ModelMessage[] {
  if (!context || tokensOf(messages) <= context.tokens) return messages
  const answers = messages.flatMap(({ role }, place) => (role === 'assistant' ? [place] : []))
  const keptFrom = answers.at(-keptTurns) ?? 0
  return messages.map((message, place) => (message.role === 'tool' && place < keptFrom ? cut(message) : message))
}

/** The tools of its manifest that a model is offered: those that the run is for, and none before its plan is accepted. */
export const offeredTools = (
  { tools, plan: mustPlan }: Pick<AgentSpec, 'tools' | 'plan'>,
  { created, plan }: Pick<RunState, 'created' | 'plan'>,
): string[] => {
  const { tools: needed = tools } = created.scope ?? {}
  return mustPlan && !plan?.accepted ? [] : tools.filter(name => needed.includes(name))
}

/** Whether the conversation is too long even so, and something in it can be summed up. */
export const isTooLong = (agent: Pick<AgentSpec, 'context'>, { messages, turns }: RunState): boolean =>
  agent.context !== undefined && turns > keptTurns && tokensOf(sentMessages(agent, messages)) > agent.context.tokens

function cut(message: Extract<ModelMessage, { role: 'tool' }>): ModelMessage {
  const text = message.content.map(part => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n')
  if (text.length <= headOfResult * 2) return message
  const left = `${text.slice(0, headOfResult)}\n[${text.length - headOfResult} more characters were left out; call the tool again if they are needed]`
  return { ...message, content: [{ type: 'text', text: left }] }
}
