import type { ModelMessage, ModelRequest, ToolChoice } from '../../model-request.ts'

/** The body of POST /chat/completions for a canonical request. The answer is always asked for as a stream. */
export const chatBody = (model: string, request: ModelRequest): Record<string, unknown> => ({
  model,
  messages: request.messages.map(chatMessage),
  stream: true,
  stream_options: { include_usage: true },
  ...(request.tools.length > 0 && {
    tools: request.tools.map(({ name, description, input }) => ({
      type: 'function',
      function: { name, description, parameters: input },
    })),
    ...(request.toolChoice !== undefined && { tool_choice: chatToolChoice(request.toolChoice) }),
  }),
  ...(request.temperature !== undefined && { temperature: request.temperature }),
  ...(request.topP !== undefined && { top_p: request.topP }),
  ...(request.stop && { stop: request.stop }),
  ...(request.maxOutputTokens !== undefined && { [tokenLimitField(model)]: request.maxOutputTokens }),
})

// OpenAI's reasoning models refuse max_tokens, and most other servers know nothing but max_tokens.
const tokenLimitField = (model: string): string => (/^(o\d|gpt-5)/.test(model) ? 'max_completion_tokens' : 'max_tokens')

const chatToolChoice = (choice: ToolChoice): unknown =>
  typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.tool } }

function chatMessage(message: ModelMessage): Record<string, unknown> {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.text }
    case 'assistant':
      return {
        role: 'assistant',
        content: message.text || (message.toolCalls.length > 0 ? null : ''),
        ...(message.toolCalls.length > 0 && {
          tool_calls: message.toolCalls.map(call => ({
            id: call.callId,
            type: 'function',
            function: {
              name: call.tool,
              arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
            },
          })),
        }),
      }
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, content: message.text }
  }
}
