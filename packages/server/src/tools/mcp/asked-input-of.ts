import { CausewayError, type ToolAsks } from '@causeway/contracts'
import { isInputRequiredResult, type InputResponses } from '@modelcontextprotocol/client'
import { AskedInput, inputArguments } from '../asked-input.ts'
import type { ToolCall } from '../tool-call.ts'
import type { AskedStates, AskingCall } from './asked-states.ts'

type Arguments = Record<string, unknown>

/** What goes to a server with a call that is made again. */
interface Answers {
  inputResponses?: InputResponses
  requestState?: string
}

/**
 * The arguments of a call, apart from what a client has answered the tool. One that may not ask has arguments only.
 * @throws CausewayError invalid-tool-arguments for a state that was not given for such a call
 */
export function answersIn(
  states: AskedStates,
  call: AskingCall & Pick<ToolCall, 'arguments'>,
  asks: ToolAsks | undefined,
): { values: Arguments; answers: Answers } {
  const { arguments: given } = call
  if (!asks) return { values: given, answers: {} }
  const { [inputArguments.responses]: responses, [inputArguments.state]: state, ...values } = given
  const answers = {
    ...(responses !== undefined && { inputResponses: responses as InputResponses }),
    ...(typeof state === 'string' && { requestState: states.open(call, state) }),
  }
  return { values, answers }
}

const methods: Readonly<Record<ToolAsks[number], string>> = {
  elicitation: 'elicitation/create',
  sampling: 'sampling/createMessage',
  roots: 'roots/list',
}

/**
 * What the answer of a server asks for, if it does.
 * @throws CausewayError tool-failed where that is something that the manifest of the tool does not let it ask for
 */
export function askedInputOf(
  states: AskedStates,
  call: AskingCall,
  asks: ToolAsks | undefined,
  answer: unknown,
): AskedInput | undefined {
  if (!isInputRequiredResult(answer)) return undefined
  const { inputRequests = {}, requestState } = answer
  const allowed = (asks ?? []).map(what => methods[what])
  // An address that a person is to open would lead past all that is looked at here.
  const refused = Object.values(inputRequests).find(
    ({ method, params }) => !allowed.includes(method) || (params && 'mode' in params && params.mode === 'url'),
  )
  if (!refused)
    return new AskedInput(inputRequests, requestState === undefined ? undefined : states.seal(call, requestState))
  throw new CausewayError(
    'tool-failed',
    `${call.tool} asks its client for ${refused.method}, which its manifest does not allow.`,
  )
}
