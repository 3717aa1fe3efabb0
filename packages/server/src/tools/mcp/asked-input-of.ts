import { CausewayError, type ToolAsks } from '@causeway/contracts'
import { isInputRequiredResult, type InputResponses } from '@modelcontextprotocol/client'
import { AskedInput, inputArguments } from '../asked-input.ts'

type Arguments = Record<string, unknown>

/** What goes to a server with a call that is made again. */
interface Answers {
  inputResponses?: InputResponses
  requestState?: string
}

/** The arguments of a call, apart from what a client has answered the tool. One that may not ask has arguments only. */
export function answersIn(given: Arguments, asks: ToolAsks | undefined): { values: Arguments; answers: Answers } {
  if (!asks) return { values: given, answers: {} }
  const { [inputArguments.responses]: responses, [inputArguments.state]: state, ...values } = given
  const answers = {
    ...(responses !== undefined && { inputResponses: responses as InputResponses }),
    ...(typeof state === 'string' && { requestState: state }),
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
export function askedInputOf(tool: string, asks: ToolAsks | undefined, answer: unknown): AskedInput | undefined {
  if (!isInputRequiredResult(answer)) return undefined
  const { inputRequests = {}, requestState } = answer
  const allowed = (asks ?? []).map(what => methods[what])
  // An address that a person is to open would lead past all that is looked at here.
  const refused = Object.values(inputRequests).find(
    ({ method, params }) => !allowed.includes(method) || (params && 'mode' in params && params.mode === 'url'),
  )
  if (!refused) return new AskedInput(inputRequests, requestState)
  throw new CausewayError(
    'tool-failed',
    `${tool} asks its client for ${refused.method}, which its manifest does not allow.`,
  )
}
