import { CausewayError } from '@causeway/contracts'
import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  type ElicitRequestFormParams,
  type InputRequests,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { inputArguments, type AskedInput, type AskedStates, type AskingCall } from '../../tools/index.ts'

type Request = ServerContext['mcpReq']
type Arguments = Record<string, unknown>

/**
 * Takes what tools ask to the client and what it answers back. Source: https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export interface AskedClient {
  /** The arguments of a call with what the client has answered. @throws ProtocolError for a state that was not given for such a call */
  answered(tool: string, values: Arguments, request: Request): Arguments
  /** The result that asks the client. @throws ProtocolError for a client of an older revision, which cannot be asked so */
  ask(tool: string, asked: AskedInput, request: Request): ReturnType<typeof inputRequired>
}

export function createAskedClient(states: AskedStates, whose: Omit<AskingCall, 'tool'>): AskedClient {
  /** The state stays sealed until the tool gets it; a client is told at once of one that is no good. */
  const sealed = (tool: string, given: string): string => {
    try {
      states.open({ ...whose, tool }, given)
      return given
    } catch (error) {
      if (!(error instanceof CausewayError)) throw error
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message)
    }
  }
  return {
    answered(tool, values, request) {
      const { inputResponses } = request
      const given = request.requestState<string>()
      return {
        ...withoutOurs(values),
        ...(inputResponses && { [inputArguments.responses]: inputResponses }),
        ...(given !== undefined && { [inputArguments.state]: sealed(tool, given) }),
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
      return inputRequired({
        inputRequests,
        ...(state !== undefined && { requestState: state }),
      })
    },
  }
}

/** Nobody hands on an answer or a state in any other way. */
const withoutOurs = (values: Arguments): Arguments =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !ours.has(name)))

const ours: ReadonlySet<string> = new Set(Object.values(inputArguments))

/** How long a client may take to answer while its call is open, in milliseconds. */
const answersNowWithinMs = 10 * 60_000

/**
 * Asks a client of the revision 2025-11-25 while its call is open.
 * @returns the arguments with which the call is made again
 * @throws CausewayError tool-failed where it does not answer, or cannot
 */
export async function answersNow(
  server: Server,
  tool: string,
  { requests, state }: AskedInput,
  mcpReq: Request,
): Promise<Arguments> {
  const options = { timeout: answersNowWithinMs, signal: mcpReq.signal }
  const responses: Arguments = {}
  try {
    for (const [key, { method, params }] of Object.entries(requests)) {
      if (method === 'elicitation/create')
        responses[key] = await mcpReq.elicitInput(params as ElicitRequestFormParams, options)
      else if (method === 'sampling/createMessage')
        responses[key] = await mcpReq.requestSampling(params as Parameters<Request['requestSampling']>[0], options)
      else responses[key] = await server.listRoots(undefined, options)
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CausewayError('tool-failed', `${tool} asks its client for input, and got none: ${why}`, { cause })
  }
  return { [inputArguments.responses]: responses, ...(state !== undefined && { [inputArguments.state]: state }) }
}
