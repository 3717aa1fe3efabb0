import type { InputPart } from '../../content.ts'
import { isRecord } from '../head-members.ts'

// The result of a tool is an object in this dialect, in which `output` and `error` have a meaning.
// Source: https://ai.google.dev/api/caching#FunctionResponse

/** Keys under which programs hand over a result that is a plain text. */
const wrappers: ReadonlySet<string> = new Set(['output', 'result', 'error'])

function wrapped(response: Record<string, unknown>): { key: string; text: string } | undefined {
  const [entry, ...others] = Object.entries(response)
  if (!entry || others.length > 0) return undefined
  const [key, text] = entry
  return wrappers.has(key) && typeof text === 'string' ? { key, text } : undefined
}

/** The text of a result, and whether it tells of a failure. */
export function readToolResult(response: Record<string, unknown> | null | undefined): {
  text: string
  failed: boolean
} {
  const only = wrapped(response ?? {})
  if (only) return { text: only.text, failed: only.key === 'error' }
  return { text: JSON.stringify(response ?? {}), failed: false }
}

/** What a tool said as an object: its own, where it said one. */
export function writeToolResult(parts: readonly InputPart[], failed: boolean): Record<string, unknown> {
  const text = parts.map(part => (part.type === 'text' ? part.text : '')).join('')
  if (failed) return { error: text }
  const said = text.trimStart().startsWith('{') ? parsed(text) : undefined
  return said && !wrapped(said) ? said : { output: text }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
