import { textOf, toolCallsOf } from '../../content.ts'
import type { ModelMessage, ModelRequest, ToolChoice } from '../../model-request.ts'

// Anthropic requires max_tokens. Every Claude model that is still served allows this many.
const defaultMaxTokens = 4096

type Block = Record<string, unknown>
interface Turn {
  role: 'user' | 'assistant'
  content: Block[]
}

/** The body of POST /v1/messages for a canonical request. */
export function messagesBody(model: string, request: ModelRequest): Record<string, unknown> {
  const system = request.messages.filter(({ role }) => role === 'system').map(({ content }) => textOf(content))
  return {
    model,
    max_tokens: request.maxOutputTokens ?? defaultMaxTokens,
    stream: true,
    ...(system.length > 0 && { system: system.join('\n\n') }),
    messages: turnsOf(request.messages),
    ...(request.tools.length > 0 && {
      tools: request.tools.map(({ name, description, input }) => ({
        name,
        description,
        input_schema: { type: 'object', ...input },
      })),
      ...(request.toolChoice !== undefined && { tool_choice: toolChoiceOf(request.toolChoice) }),
    }),
    // Anthropic's scale ends at 1 and OpenAI's at 2.
    ...(request.temperature !== undefined && { temperature: Math.min(1, request.temperature) }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.stop && { stop_sequences: request.stop }),
  }
}

function toolChoiceOf(choice: ToolChoice): Block {
  if (typeof choice !== 'string') return { type: 'tool', name: choice.tool }
  return { type: choice === 'required' ? 'any' : choice }
}

/** Turns alternate: results of parallel tool calls must stand together in the user turn after the calls. */
function turnsOf(messages: readonly ModelMessage[]): Turn[] {
  const turns: Turn[] = []
  for (const message of messages) {
    if (message.role === 'system') continue
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = blocksOf(message)
    if (content.length === 0) continue
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else turns.push({ role, content })
  }
  return turns
}

function blocksOf(message: Exclude<ModelMessage, { role: 'system' }>): Block[] {
  switch (message.role) {
    case 'user':
      return textBlocks(textOf(message.content))
    case 'assistant':
      return [
        ...textBlocks(textOf(message.content)),
        ...toolCallsOf(message.content).map(call => ({
          type: 'tool_use',
          id: call.callId,
          name: call.tool,
          // What the model once wrote that was no JSON object is kept where the model can see its mistake.
          input: typeof call.arguments === 'string' ? { invalid: call.arguments } : call.arguments,
        })),
      ]
    case 'tool':
      return [
        {
          type: 'tool_result',
          tool_use_id: message.callId,
          content: textOf(message.content),
          ...(message.failed && { is_error: true }),
        },
      ]
  }
}

/** Anthropic refuses text blocks that are empty or blank. */
const textBlocks = (text: string): Block[] => (text.trim() ? [{ type: 'text', text }] : [])
