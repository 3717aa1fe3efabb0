import type * as z from 'zod'
import { SecretHandle } from '../names.ts'

type Issue = z.core.$ZodIssue
type Schema = z.core.$ZodType

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
}

/** Names as a list in quotes. */
export const quoted = (names: readonly unknown[]): string => names.map(name => JSON.stringify(name)).join(', ')

/** What kind of value was given, without the value. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`
}

function sizeWords(origin: string, size: unknown): string {
  if (origin === 'number' || origin === 'int') return String(size)
  const unit = origin === 'string' ? 'character' : 'item'
  return `${String(size)} ${unit}${size === 1 ? '' : 's'}`
}

/** The names that an issue allows, where it is about a closed set. */
export function optionsOf(issue: Issue): unknown[] {
  if (issue.code === 'invalid_value') return issue.values
  return issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options) ? issue.options : []
}

function expectedType(issue: Extract<Issue, { code: 'invalid_type' }>, schema: Schema | undefined): string {
  if (schema === SecretHandle) return 'a secret handle such as { secret: ORDERS_API_KEY }'
  return typeWords[issue.expected] ?? issue.expected
}

/** What was expected, in words that follow "expected". */
export function expectation(issue: Issue, schema: Schema | undefined): string {
  switch (issue.code) {
    case 'invalid_type':
      return expectedType(issue, schema)
    case 'invalid_value':
      return issue.values.length === 1 ? quoted(issue.values) : `one of ${quoted(issue.values)}`
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${sizeWords(issue.origin, issue.minimum)}`
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${sizeWords(issue.origin, issue.maximum)}`
    case 'invalid_format':
      return issue.format === 'url' ? 'a URL with http or https' : issue.message.replace(/^expected /, '')
    case 'invalid_union':
      return `one of ${quoted(optionsOf(issue))}`
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return issue.message.replace(/^expected /, '')
  }
}
