import { isRecord } from '../head-members.ts'

// Custom tools take a text where others take an object. Elsewhere they are tools with one field of that name.
const field = 'input'

/** The schema of a custom tool, for dialects that know only tools that take an object. */
export const freeTextSchema = {
  type: 'object',
  properties: { [field]: { type: 'string' } },
  required: [field],
  additionalProperties: false,
}

/** The arguments that stand for a text. */
export const freeTextArguments = (text: string): Record<string, unknown> => ({ [field]: text })

/** The text in arguments, as JSON or parsed; what was no such object is taken as the text itself. */
export function freeTextOf(input: unknown): string {
  if (typeof input === 'string') return fromJson(input) ?? input
  return (isRecord(input) ? textIn(input) : undefined) ?? JSON.stringify(input)
}

function fromJson(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isRecord(parsed) ? textIn(parsed) : undefined
  } catch {
    return undefined
  }
}

const textIn = (input: Record<string, unknown>): string | undefined =>
  typeof input[field] === 'string' ? input[field] : undefined

/** The beginning and the end of arguments whose text arrives in pieces, each written with `freeTextPiece`. */
export const freeTextBegin = `{"${field}":"`
export const freeTextEnd = '"}'
export const freeTextPiece = (text: string): string => JSON.stringify(text).slice(1, -1)
