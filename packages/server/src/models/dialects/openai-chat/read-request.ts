import { CausewayError, JsonSchema } from '@causeway/contracts'
import * as z from 'zod'
import type { ModelMessage, ModelRequest, ToolChoice } from '../../model-request.ts'
import { readToolArguments } from '../../tool-arguments.ts'

const Text = z
  .union([
    z.string(),
    z.array(z.object({ type: z.literal('text', 'only text parts can be sent to this provider'), text: z.string() })),
  ])
  .transform(content => (typeof content === 'string' ? content : content.map(({ text }) => text).join('')))

const ToolCall = z.object({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: z.string() }),
})

const Message = z.discriminatedUnion('role', [
  z.object({ role: z.literal(['system', 'developer']), content: Text }),
  z.object({ role: z.literal('user'), content: Text }),
  z.object({ role: z.literal('assistant'), content: Text.nullish(), tool_calls: z.array(ToolCall).nullish() }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content: Text }),
])
type Message = z.infer<typeof Message>

const Tool = z.object({
  type: z.literal('function'),
  function: z.object({ name: z.string(), description: z.string().nullish(), parameters: JsonSchema.nullish() }),
})

const Choice = z.union([
  z.enum(['auto', 'none', 'required']),
  z
    .object({ function: z.object({ name: z.string() }) })
    .transform(({ function: { name } }): ToolChoice => ({ tool: name })),
])

const tokenLimit = z.number().int().min(1).nullish()

// What changes the meaning of the answer and cannot be translated is refused; hints (seed, user, metadata …) are left out.
const ChatRequest = z.object({
  model: z.string(),
  messages: z.array(Message).min(1),
  tools: z.array(Tool).nullish(),
  tool_choice: Choice.nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  max_tokens: tokenLimit,
  max_completion_tokens: tokenLimit,
  n: z.literal(1, 'this provider gives one choice').nullish(),
  response_format: z
    .object({ type: z.literal('text', 'structured output cannot be translated for this provider') })
    .nullish(),
  logprobs: z.literal(false, 'this provider gives no log probabilities').nullish(),
  modalities: z.array(z.literal('text', 'this provider answers in text')).nullish(),
})

/**
 * Reads a chat completion request for a provider that speaks another dialect.
 * @throws CausewayError invalid-json, invalid-request
 */
export function readChatRequest(body: Buffer): ModelRequest {
  const parsed = ChatRequest.safeParse(parseJson(body))
  if (!parsed.success)
    throw new CausewayError(
      'invalid-request',
      'The request does not fit what the provider of this model understands.',
      {
        problems: parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message })),
      },
    )
  const { model, messages, tools, tool_choice: toolChoice, temperature, top_p: topP, stop, ...rest } = parsed.data
  const maxOutputTokens = rest.max_completion_tokens ?? rest.max_tokens
  return {
    route: model,
    messages: readMessages(messages),
    tools: (tools ?? []).map(tool => ({
      name: tool.function.name,
      description: tool.function.description ?? '',
      input: tool.function.parameters ?? { type: 'object', properties: {} },
    })),
    ...(toolChoice && { toolChoice }),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof topP === 'number' && { topP }),
    ...(stop && { stop: [stop].flat() }),
    ...(typeof maxOutputTokens === 'number' && { maxOutputTokens }),
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new CausewayError('invalid-json', 'The body cannot be parsed.', { cause: error })
  }
}

/** Results name only the call that they answer; the name of the tool stands in an earlier message. */
function readMessages(messages: readonly Message[]): ModelMessage[] {
  const tools = new Map<string, string>()
  return messages.map((message): ModelMessage => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', text: message.content }
      case 'user':
        return { role: 'user', text: message.content }
      case 'assistant': {
        const calls = message.tool_calls ?? []
        for (const { id, function: called } of calls) tools.set(id, called.name)
        return {
          role: 'assistant',
          text: message.content ?? '',
          toolCalls: calls.map(({ id, function: called }) => ({
            callId: id,
            tool: called.name,
            arguments: readToolArguments(called.arguments),
          })),
        }
      }
      case 'tool': {
        const callId = message.tool_call_id
        return { role: 'tool', callId, tool: tools.get(callId) ?? '', text: message.content, failed: false }
      }
    }
  })
}
