import type { InputPart, OutputPart } from './content.ts'
import type { ModelRequest } from './model-request.ts'

/** Tokens of a text when nobody counted them: four characters each, the usual average for English. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / 4)

/** What an image counts as, in characters; providers count some hundreds to two thousand tokens. */
const imageCharacters = 6000

/** Characters of everything that a request sends to the model. */
export function charactersOf({ messages, tools }: ModelRequest): number {
  let characters = 0
  for (const { content } of messages) characters += contentCharacters(content)
  for (const tool of tools) characters += tool.name.length + tool.description.length + JSON.stringify(tool.input).length
  return characters
}

/** Characters of the parts of a message or an answer. */
export const contentCharacters = (parts: readonly (InputPart | OutputPart)[]): number =>
  parts.reduce((sum, part) => sum + charactersOfPart(part), 0)

function charactersOfPart(part: InputPart | OutputPart): number {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return part.text.length
    case 'tool-call': {
      const { tool, arguments: input } = part
      return tool.length + (typeof input === 'string' ? input : JSON.stringify(input)).length
    }
    case 'media':
      return part.source.type === 'base64' && part.media === 'document' ? part.source.data.length / 2 : imageCharacters
    case 'foreign':
      return JSON.stringify(part.value)?.length ?? 0
  }
}
