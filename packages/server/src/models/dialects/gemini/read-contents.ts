import type { InputPart, OutputPart, TextPart } from '../../content.ts'
import type { ModelMessage } from '../../model-request.ts'
import { derivedCallId } from './call-reader.ts'
import { foreignPart } from './foreign-value.ts'
import { readFileData, readInlineData } from './media.ts'
import type { FunctionResponse, RequestContent, RequestPart } from './request-schema.ts'
import { readSignature } from './signature.ts'
import { readToolResult } from './tool-result.ts'
import type { WirePart } from './wire.ts'

/** The messages of a conversation. Calls and results without ids are matched by the names of the tools, in their order. */
export function readContents(contents: readonly RequestContent[]): ModelMessage[] {
  const calls = createOpenCalls()
  return contents.flatMap(({ role, parts }): ModelMessage[] => {
    const given = parts ?? []
    if (role === 'model') return [{ role: 'assistant', content: given.flatMap(part => readOutput(part, calls)) }]
    const messages: ModelMessage[] = []
    let said: InputPart[] | undefined
    for (const part of given) {
      if (part.functionResponse) {
        messages.push(readResult(part.functionResponse, calls))
        said = undefined
      } else if (said) said.push(...readInput(part))
      else {
        said = readInput(part)
        messages.push({ role: 'user', content: said })
      }
    }
    return messages
  })
}

/** The calls that have no result yet, by the names of their tools. */
function createOpenCalls() {
  const waiting = new Map<string, string[]>()
  let count = 0
  return {
    opened(tool: string, id: string | null | undefined): string {
      const callId = id || derivedCallId('request', count++, tool)
      waiting.set(tool, [...(waiting.get(tool) ?? []), callId])
      return callId
    },
    answered(tool: string, id: string | null | undefined): string {
      const ids = waiting.get(tool) ?? []
      const callId = id || ids[0] || derivedCallId('request', count++, tool)
      const at = ids.indexOf(callId)
      if (at >= 0) ids.splice(at, 1)
      return callId
    },
  }
}
type OpenCalls = ReturnType<typeof createOpenCalls>

function readResult({ id, name, response, parts }: FunctionResponse, calls: OpenCalls): ModelMessage {
  const { text, failed } = readToolResult(response)
  const media = (parts ?? []).flatMap(readInput)
  // A result that is nothing but a file has an empty object beside it.
  const said: TextPart[] = media.length > 0 && text === '{}' ? [] : [{ type: 'text', text }]
  return { role: 'tool', callId: calls.answered(name, id), tool: name, content: [...said, ...media], failed }
}

export function readInput(part: WirePart): InputPart[] {
  const { text, inlineData, fileData } = part
  if (typeof text === 'string') return text ? [{ type: 'text', text }] : []
  if (inlineData) return [readInlineData(inlineData)]
  if (fileData) return [readFileData(fileData)]
  return [{ type: 'foreign', dialect: 'gemini', value: { part } }]
}

function readOutput(part: RequestPart, calls: OpenCalls): OutputPart[] {
  const { text, thought, thoughtSignature, inlineData, fileData, functionCall } = part
  const state = thoughtSignature ? { state: readSignature(thoughtSignature) } : {}
  if (functionCall?.name) {
    const { name, id, args } = functionCall
    return [{ type: 'tool-call', callId: calls.opened(name, id), tool: name, arguments: { ...args }, ...state }]
  }
  if (thought && typeof text === 'string')
    return text || thoughtSignature ? [{ type: 'reasoning', text, ...state }] : []
  if (inlineData && !thought) return [{ ...readInlineData(inlineData), ...state }]
  if (fileData && !thought) return [{ ...readFileData(fileData), ...state }]
  if (typeof text === 'string') return text || thoughtSignature ? [{ type: 'text', text, ...state }] : []
  return [foreignPart({ part })]
}
