import type { OpaqueState } from '../../content.ts'

// A model says before its tool calls what it plans, and some think before they answer. Both are thoughts elsewhere; the
// state says which of the two fields they came from.
const stateOf = (value: 'tool_plan' | 'thinking'): OpaqueState => ({ dialect: 'cohere-chat', value })

export const planState = stateOf('tool_plan')
export const thinkingState = stateOf('thinking')
