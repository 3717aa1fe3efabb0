import type { OpaqueState } from '../../content.ts'
import { isRecord } from '../head-members.ts'
import { stateFor } from '../opaque-state.ts'

// Some fields of an item mean something to the provider alone and have to come back with it: the phase of a message, the
// namespace and the caller of a tool call. They travel as the state of the part that the item became.

/** The state that holds these fields; undefined when none has a value. */
export function itemState(fields: Record<string, unknown>): OpaqueState | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
  if (given.length === 0) return undefined
  return { dialect: 'openai-responses', value: JSON.stringify(Object.fromEntries(given)) }
}

/** The fields that `itemState` put into a state. */
export function itemFields(state: OpaqueState | undefined): Record<string, unknown> {
  const value = stateFor(state, 'openai-responses')
  if (value === undefined) return {}
  try {
    const parsed: unknown = JSON.parse(value)
    return isRecord(parsed) ? parsed : {}
  } catch {
    return {}
  }
}
