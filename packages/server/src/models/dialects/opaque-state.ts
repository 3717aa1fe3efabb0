import type { OpaqueState } from '../content.ts'
import type { DialectName } from './dialect-name.ts'

// A client hands state back in a field of its own dialect. When a provider of another dialect made the state, the field
// says whose it is, so that it reaches no provider that would refuse it.
const form = /^causeway:([a-z-]+):(.*)$/s

/** The text of a signature field in a client's dialect. */
export const writeOpaqueState = ({ dialect, value }: OpaqueState, own: DialectName): string =>
  dialect === own ? value : `causeway:${dialect}:${value}`

/** Reads what `writeOpaqueState` wrote; a text without a name is the dialect's own. */
export function readOpaqueState(text: string, own: DialectName): OpaqueState {
  const [, dialect, value] = form.exec(text) ?? []
  return dialect === undefined || value === undefined
    ? { dialect: own, value: text }
    : { dialect: dialect as DialectName, value }
}

/** The state for a provider of a dialect, or undefined when another one made it. */
export const stateFor = (state: OpaqueState | undefined, dialect: DialectName): string | undefined =>
  state?.dialect === dialect ? state.value : undefined
