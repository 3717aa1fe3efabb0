import type { RequestedToolCall } from '@causeway/contracts'

/** The arguments of a tool call as a model wrote them. A call without arguments is an empty text; what is no JSON object stays text. */
export function readToolArguments(text: string): RequestedToolCall['arguments'] {
  if (!text.trim()) return {}
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : text
  } catch {
    return text
  }
}
