import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  type InputRequests,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { SignedTokens } from '../../secrets/index.ts'
import { inputArguments, type AskedInput } from '../../tools/index.ts'

type Request = ServerContext['mcpReq']
type Arguments = Record<string, unknown>

/** How long a client may take to answer what a tool asks, in milliseconds. */
const answersWithinMs = 60 * 60 * 1000

/**
 * Takes what tools ask to the client and what it answers back. The state of a tool goes through the client under a signature of ours, which
 * holds for one key, agent and tool. Source: https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export interface AskedClient {
  /** The arguments of a call with what the client has answered. @throws ProtocolError for a state that was not given for such a call */
  answered(tool: string, values: Arguments, request: Request): Arguments
  /** The result that asks the client. @throws ProtocolError for a client of an older revision, which cannot be asked so */
  ask(tool: string, asked: AskedInput, request: Request): ReturnType<typeof inputRequired>
}

/** @param whose names the key and the agent */
export function createAskedClient(
  { states, now = Date.now }: { states: SignedTokens; now?: () => number },
  whose: string,
): AskedClient {
  const stateOf = (tool: string, given: string): string => {
    const [who, what, state, until] = states.read(given) ?? []
    if (who === whose && what === tool && state !== undefined && Number(until) > now()) return state
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      'The requestState is none that was given for this call in the last hour.',
    )
  }
  return {
    answered(tool, values, request) {
      const { inputResponses } = request
      const given = request.requestState<string>()
      return {
        ...withoutOurs(values),
        ...(inputResponses && { [inputArguments.responses]: inputResponses }),
        ...(given !== undefined && { [inputArguments.state]: stateOf(tool, given) }),
      }
    },
    ask(tool, { requests, state }, { envelope }) {
      const { [CLIENT_CAPABILITIES_META_KEY]: declared }: Record<string, unknown> = { ...envelope }
      if (typeof declared !== 'object' || declared === null)
        throw new ProtocolError(
          ProtocolErrorCode.InvalidRequest,
          `${tool} asks its client for input, which needs a client of the revision 2026-07-28.`,
        )
      const possible = Object.entries(requests).filter(([, { method }]) => method.replace(/\/.*/, '') in declared)
      // Where a client can answer none of it, it is told what it lacks.
      const inputRequests = (possible.length > 0 ? Object.fromEntries(possible) : requests) as InputRequests
      const until = String(now() + answersWithinMs)
      return inputRequired({
        inputRequests,
        ...(state !== undefined && { requestState: states.sign([whose, tool, state, until]) }),
      })
    },
  }
}

/** Nobody hands on an answer or a state in any other way. */
const withoutOurs = (values: Arguments): Arguments =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !ours.has(name)))

const ours: ReadonlySet<string> = new Set(Object.values(inputArguments))
