import { CausewayError } from '@causeway/contracts'
import type { SignedTokens } from '../../secrets/index.ts'
import type { ToolCall } from '../tool-call.ts'

/** Whose call it is. What one was given is worth nothing in a call of another. */
export type AskingCall = Pick<ToolCall, 'scope' | 'tool' | 'onBehalfOf'>

/**
 * The states of tools that ask their client. They go through clients and models under a signature of the platform, which holds an hour
 * for one person, agent and tool. Source: https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export interface AskedStates {
  /** @throws CausewayError tool-failed for a state that is too long */
  seal(call: AskingCall, state: string): string
  /** @throws CausewayError invalid-tool-arguments for what was not sealed for such a call in the last hour */
  open(call: AskingCall, sealed: string): string
}

const answersWithinMs = 60 * 60 * 1000
/** Characters. */
const stateAtMost = 64 * 1024

export function createAskedStates({
  tokens,
  now = Date.now,
}: {
  tokens: SignedTokens
  now?: () => number
}): AskedStates {
  return {
    seal(call, state) {
      if (state.length > stateAtMost)
        throw new CausewayError('tool-failed', `${call.tool} wants to have more kept than ${stateAtMost} characters.`)
      return tokens.sign([...whose(call), state, String(now() + answersWithinMs)])
    },
    open(call, sealed) {
      const claims = tokens.read(sealed) ?? []
      const [state, until] = claims.slice(-2)
      const owner = whose(call)
      if (
        state !== undefined &&
        claims.length === owner.length + 2 &&
        owner.every((each, index) => each === claims[index]) &&
        Number(until) > now()
      )
        return state
      throw new CausewayError(
        'invalid-tool-arguments',
        'The requestState is none that was given for this call in the last hour.',
      )
    },
  }
}

const whose = ({ scope, tool, onBehalfOf }: AskingCall): string[] => [
  scope.organisationId,
  scope.environmentId,
  onBehalfOf?.agent ?? '',
  onBehalfOf?.user ?? '',
  tool,
]
