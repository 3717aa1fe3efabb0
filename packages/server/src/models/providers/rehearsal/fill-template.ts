import { textOf } from '../../content.ts'
import type { ModelMessage } from '../../model-request.ts'

/** Where the placeholders of a scripted answer find their values. */
export interface TemplateSources {
  match: readonly string[]
  messages: readonly ModelMessage[]
}

const missing = '(unknown)'
const placeholder = /\{\{\s*([^{}]+?)\s*\}\}/g
const onlyPlaceholder = /^\{\{\s*([^{}]+?)\s*\}\}$/

/** Replaces `{{match.N}}` and `{{result.<tool>.<path>}}` in a text; what is missing becomes "(unknown)". */
export const fillText = (text: string, sources: TemplateSources): string =>
  text.replace(placeholder, (_whole, path: string) => asText(lookUp(path, sources)))

/** Fills every string inside a JSON value. A string that is one placeholder and nothing else keeps the type of the value. */
export function fillValue(value: unknown, sources: TemplateSources): unknown {
  if (typeof value === 'string') {
    const path = onlyPlaceholder.exec(value)?.[1]
    return path === undefined ? fillText(value, sources) : (lookUp(path, sources) ?? missing)
  }
  if (Array.isArray(value)) return value.map(item => fillValue(item, sources))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillValue(item, sources)]))
  return value
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return missing
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function lookUp(path: string, { match, messages }: TemplateSources): unknown {
  const [source, ...steps] = path.split('.')
  if (source === 'match') return match[Number(steps[0])]
  if (source !== 'result') return undefined
  const [tool, ...fields] = steps
  const result = messages.findLast(message => message.role === 'tool' && message.tool === tool)
  return result && fields.reduce(step, parsed(textOf(result.content)))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const step = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(field) : undefined
