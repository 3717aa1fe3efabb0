import {
  inputRequired,
  type CallToolResult,
  type GetPromptResult,
  type InputRequests,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server'

type Request = ServerContext['mcpReq']
type Answer = CallToolResult | InputRequiredResult

const said = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] })

const form = (message: string, property: string) => ({
  method: 'elicitation/create' as const,
  params: {
    message,
    requestedSchema: {
      type: 'object' as const,
      properties: { [property]: { type: 'string' as const } },
      required: [property],
    },
  },
})
const fields = (properties: Record<string, unknown>) =>
  ({
    method: 'elicitation/create',
    params: { message: 'Please fill this in', requestedSchema: { type: 'object', properties } },
  }) as InputRequests[string]
const titled = (...values: string[]) => values.map(value => ({ const: value, title: `The ${value}` }))
const confirm = {
  method: 'elicitation/create' as const,
  params: {
    message: 'Please confirm',
    requestedSchema: { type: 'object' as const, properties: { ok: { type: 'boolean' as const } }, required: ['ok'] },
  },
}
const sampling = (text: string, maxTokens: number) => ({
  method: 'sampling/createMessage' as const,
  params: { messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }], maxTokens },
})
const roots = { method: 'roots/list' as const, params: {} }

/** What was answered to a form, where it was. */
function filledIn({ inputResponses }: Request, key: string, property: string): unknown {
  const answer = inputResponses?.[key]
  const content = typeof answer === 'object' && answer !== null && 'content' in answer ? answer.content : undefined
  return typeof content === 'object' && content !== null ? (content as Record<string, unknown>)[property] : undefined
}

/** Asks for all of it until all has been answered. */
const askFor = (request: Request, inputRequests: InputRequests, requestState?: string): Answer | undefined =>
  Object.keys(inputRequests).every(key => request.inputResponses?.[key] !== undefined)
    ? undefined
    : inputRequired({ inputRequests, ...(requestState !== undefined && { requestState }) })

/** The tools of the conformance suite that ask their client for more. Source: the suite's documentation of its scenarios for SEP-2322. */
export const askingTools: Readonly<Record<string, (request: Request) => Answer>> = {
  test_input_required_result_elicitation(request) {
    const name = filledIn(request, 'user_name', 'name')
    return typeof name === 'string'
      ? said(`Hello, ${name}!`)
      : inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } })
  },
  test_input_required_result_sampling: request =>
    askFor(request, { capital_question: sampling('What is the capital of France?', 100) }) ??
    said(JSON.stringify(request.inputResponses)),
  test_input_required_result_list_roots: request =>
    askFor(request, { client_roots: roots }) ?? said(JSON.stringify(request.inputResponses)),
  test_input_required_result_request_state: request =>
    askFor(request, { confirm }, 'asked') ??
    said(request.requestState<string>() === 'asked' ? 'state-ok' : 'state-lost'),
  test_input_required_result_multiple_inputs: request =>
    askFor(
      request,
      {
        user_name: form('What is your name?', 'name'),
        greeting: sampling('Generate a greeting', 50),
        client_roots: roots,
      },
      'asked',
    ) ?? said('All is there.'),
  test_input_required_result_multi_round(request) {
    const state = request.requestState<string>()
    if (state === undefined)
      return askFor(request, { step1: form('Step 1: What is your name?', 'name') }, 'one') ?? said('?')
    if (state !== 'one') return said('Done.')
    return inputRequired({
      inputRequests: { step2: form('Step 2: What is your favorite color?', 'color') },
      requestState: 'two',
    })
  },
  test_input_required_result_tampered_state: request => askFor(request, { confirm }, 'asked') ?? said('Done.'),
  test_input_required_result_capabilities: request =>
    askFor(request, { question: sampling('What is the capital of France?', 100), name: form('Your name?', 'name') }) ??
    said('Done.'),
  // Those of the revision before, which are asked while a call is open.
  test_sampling: request =>
    askFor(request, { answer: sampling('Test prompt for sampling', 100) }) ??
    said(`LLM response: ${JSON.stringify(request.inputResponses)}`),
  test_elicitation: request =>
    askFor(request, { user: fields({ username: { type: 'string' }, email: { type: 'string' } }) }) ??
    said(`User response: ${JSON.stringify(request.inputResponses)}`),
  test_elicitation_sep1034_defaults: request =>
    askFor(request, {
      defaults: fields({
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      }),
    }) ?? said(`Elicitation completed: ${JSON.stringify(request.inputResponses)}`),
  test_elicitation_sep1330_enums: request =>
    askFor(request, {
      choices: fields({
        untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
        titledSingle: { type: 'string', oneOf: titled('value1', 'value2', 'value3') },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['One', 'Two', 'Three'] },
        untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
        titledMulti: { type: 'array', items: { anyOf: titled('value1', 'value2', 'value3') } },
      }),
    }) ?? said(`Elicitation completed: ${JSON.stringify(request.inputResponses)}`),
  test_missing_capability: request =>
    askFor(request, { question: sampling('What is the capital of France?', 100) }) ?? said('Done.'),
}

/** The prompt of the suite that asks. */
export function askingPrompt(request: Request): GetPromptResult | InputRequiredResult {
  const context = filledIn(request, 'user_context', 'context')
  return typeof context === 'string'
    ? { messages: [{ role: 'user', content: { type: 'text', text: `In the context of ${context}` } }] }
    : inputRequired({ inputRequests: { user_context: form('What context should the prompt use?', 'context') } })
}
