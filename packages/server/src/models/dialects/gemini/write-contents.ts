import { CausewayError } from '@causeway/contracts'
import { toolCallsOf, type InputPart, type OutputPart, type ToolCallPart } from '../../content.ts'
import type { ModelMessage } from '../../model-request.ts'
import { stateFor } from '../opaque-state.ts'
import { readForeign } from './foreign-value.ts'
import { writeMedia } from './media.ts'
import type { ModelAbilities } from './model-generation.ts'
import { writeToolResult } from './tool-result.ts'

type Part = Record<string, unknown>

interface Content {
  role: 'user' | 'model'
  parts: Part[]
}

export interface WrittenContents {
  systemInstruction?: { parts: Part[] }
  contents: Content[]
  dropped: string[]
}

/**
 * The conversation as contents. The results of parallel calls stand together, and each names its tool, as this dialect
 * demands.
 */
export function writeContents(messages: readonly ModelMessage[], abilities: ModelAbilities): WrittenContents {
  const dropped = new Set<string>()
  const system: Part[] = []
  const contents: Content[] = []
  const toolOf = new Map<string, string>()
  let results: Part[] | undefined
  let files: Part[] = []

  const add = (role: Content['role'], parts: Part[]): void => {
    if (parts.length > 0) contents.push({ role, parts })
  }
  const endResults = (): void => {
    add('user', files)
    files = []
    results = undefined
  }

  for (const message of messages) {
    if (message.role !== 'tool') endResults()
    if (message.content.some(part => 'cache' in part && part.cache)) dropped.add('cache_control')
    switch (message.role) {
      case 'system':
        system.push(...message.content.map(({ text }) => ({ text })))
        break
      case 'user':
        add('user', message.content.map(writeInput))
        break
      case 'assistant':
        for (const { callId, tool } of toolCallsOf(message.content)) toolOf.set(callId, tool)
        add('model', writeOutput(message.content, abilities, dropped))
        break
      case 'tool': {
        const { result, files: beside } = writeResult(
          { ...message, tool: message.tool || (toolOf.get(message.callId) ?? '') },
          abilities,
        )
        if (results) results.push(result)
        else add('user', (results = [result]))
        files.push(...beside)
        break
      }
    }
  }
  endResults()
  // A request without contents is refused.
  if (contents.length === 0 && system.length > 0)
    return { contents: [{ role: 'user', parts: system }], dropped: [...dropped] }
  return { ...(system.length > 0 && { systemInstruction: { parts: system } }), contents, dropped: [...dropped] }
}

/** @throws CausewayError invalid-request for what this dialect cannot say */
function writeInput(part: InputPart): Part {
  switch (part.type) {
    case 'text':
      return { text: part.text }
    case 'media': {
      const media = writeMedia(part)
      if (!media) throw refused('a file that was uploaded to another provider cannot be read by this one')
      return media
    }
    case 'foreign': {
      const own = readForeign(part).part
      if (!own) throw refused('this provider takes no part of another dialect')
      return own
    }
  }
}

/** Files stand inside of the result where the model can take them there, and follow it where not. */
function writeResult(message: ModelMessage & { role: 'tool' }, { filesInResults }: ModelAbilities) {
  const { callId, tool, content, failed } = message
  const files = content.filter(({ type }) => type !== 'text').map(writeInput)
  const inside = filesInResults && files.length > 0
  const text = content.some(({ type }) => type === 'text')
  const response = text || files.length === 0 ? writeToolResult(content, failed) : {}
  const result = { functionResponse: { id: callId, name: tool, response, ...(inside && { parts: files }) } }
  return { result, files: inside ? [] : files }
}

// What Google lets pass for the signature of a call that none of its models made.
// Source: https://ai.google.dev/gemini-api/docs/thought-signatures
const foreignSignature = 'skip_thought_signature_validator'

function writeOutput(parts: readonly OutputPart[], { wantsSignatures }: ModelAbilities, dropped: Set<string>): Part[] {
  const [firstCall] = toolCallsOf(parts)
  const unsigned =
    wantsSignatures && firstCall && stateFor(firstCall.state, 'gemini') === undefined ? firstCall : undefined
  return parts.flatMap((part): Part[] => {
    const own = 'state' in part ? stateFor(part.state, 'gemini') : undefined
    const signature = own === undefined ? {} : { thoughtSignature: own }
    switch (part.type) {
      case 'text':
        return part.text || own !== undefined ? [{ text: part.text, ...signature }] : []
      case 'refusal':
        return [{ text: part.text }]
      case 'reasoning':
        return part.text || own !== undefined ? [{ text: part.text, thought: true, ...signature }] : []
      case 'media':
        return [{ ...writeInput(part), ...signature }]
      case 'tool-call':
        return [
          {
            functionCall: writeCall(part),
            ...signature,
            ...(part === unsigned && { thoughtSignature: foreignSignature }),
          },
        ]
      case 'foreign': {
        const { part: value } = readForeign(part)
        if (part.dialect !== 'gemini') dropped.add('messages')
        return value ? [value] : []
      }
    }
  })
}

/** Arguments are an object in this dialect, and what a model wrote that is none should still be seen. */
export const writeCall = ({ callId, tool, arguments: input }: ToolCallPart): Record<string, unknown> => ({
  id: callId,
  name: tool,
  args: typeof input === 'string' ? { text: input } : input,
})

const refused = (message: string): CausewayError =>
  new CausewayError('invalid-request', 'The provider of this model cannot take a part of a message.', {
    problems: [{ pointer: '/messages', message }],
  })
