import type { ModelRequest } from './model-request.ts'

/** Tokens of a text when nobody counted them: four characters each, the usual average for English. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / 4)

/** Characters of everything that a request sends to the model. */
export function charactersOf({ messages, tools }: ModelRequest): number {
  let characters = 0
  for (const message of messages) {
    characters += message.text.length
    if (message.role === 'assistant')
      for (const call of message.toolCalls) characters += call.tool.length + JSON.stringify(call.arguments).length
  }
  for (const tool of tools) characters += tool.name.length + tool.description.length + JSON.stringify(tool.input).length
  return characters
}
