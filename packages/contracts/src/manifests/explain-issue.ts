import * as z from 'zod'
import { namePattern } from '../names.ts'
import { expectation, kindOf, optionsOf, quoted } from './describe-expectation.ts'
import { keysOf, schemaAt, valueAt } from './schema-at.ts'

/** A Zod issue in plain words. */
export interface ExplainedIssue {
  /** The wrong place; the last key does not exist when a key is missing. */
  path: PropertyKey[]
  /** Whether the key itself is wrong, or its value. */
  part: 'key' | 'value'
  /** `expected …, got …`. Never repeats a value that may be a secret. */
  message: string
  /** What was given, when it is a name, and the names that would have been valid there. */
  given?: string
  candidates: string[]
}

type Issue = z.core.$ZodIssue
type Schema = z.core.$ZodType

function sizeOf(value: unknown): unknown {
  return typeof value === 'string' || Array.isArray(value) ? value.length : value
}

/** The given text where a name stands, so that it may be shown and the nearest valid one proposed. */
function givenName(issue: Issue, value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 100) return undefined
  if (issue.code === 'invalid_value' || issue.code === 'invalid_union') return value
  return issue.code === 'invalid_format' && issue.pattern === String(namePattern) ? value : undefined
}

function explainValue(issue: Issue, path: PropertyKey[], root: Schema, input: unknown): ExplainedIssue {
  const value = valueAt(input, path)
  const expected = expectation(issue, schemaAt(root, path, input))
  const key = path.at(-1)
  const candidates = optionsOf(issue).filter(option => typeof option === 'string')
  if (value === undefined && typeof key === 'string')
    return { path, part: 'value', message: `expected the key "${key}" (${expected}), got nothing`, candidates }
  const given = givenName(issue, value)
  const isFraction = issue.code === 'invalid_type' && issue.expected === 'int' && typeof value === 'number'
  const measured = issue.code === 'too_small' || issue.code === 'too_big' || isFraction
  const got = given === undefined ? (measured ? String(sizeOf(value)) : kindOf(value)) : JSON.stringify(given)
  const message = `expected ${expected}, got ${got}`
  return { path, part: 'value', message, candidates, ...(given !== undefined && { given }) }
}

function explainKeys(keys: readonly string[], path: PropertyKey[], candidates: string[]): ExplainedIssue[] {
  const expected = candidates.length > 0 ? `one of the keys ${quoted(candidates)}` : 'no such key'
  return keys.map(key => ({
    path: [...path, key],
    part: 'key',
    message: `expected ${expected}, got ${quoted([key])}`,
    given: key,
    candidates,
  }))
}

/** The issues of the option of a union that the author meant: the one whose outer type fits. */
const meantOption = (options: readonly Issue[][]): Issue[] | undefined =>
  options.find(issues => !issues.some(issue => issue.code === 'invalid_type' && issue.path.length === 0))

function optionsAt(root: Schema, path: readonly PropertyKey[], input: unknown): readonly Schema[] {
  const schema = schemaAt(root, path, input)
  return schema instanceof z.ZodUnion ? schema.options : []
}

function explainUnion(
  branches: readonly Issue[][],
  path: PropertyKey[],
  root: Schema,
  input: unknown,
): ExplainedIssue[] {
  const options = optionsAt(root, path, input)
  const meant = meantOption(branches)
  if (meant) return meant.flatMap(inner => explain(inner, path, root, input, options.flatMap(keysOf)))
  const expected = branches.flatMap(([first], index) => (first ? [expectation(first, options[index])] : []))
  const message = `expected ${expected.join(' or ')}, got ${kindOf(valueAt(input, path))}`
  return [{ path, part: 'value', message, candidates: [] }]
}

function explain(
  issue: Issue,
  outer: readonly PropertyKey[],
  root: Schema,
  input: unknown,
  unionKeys: string[] = [],
): ExplainedIssue[] {
  const path = [...outer, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    const keys = keysOf(schemaAt(root, path, input))
    return explainKeys(issue.keys, path, keys.length > 0 ? keys : unionKeys)
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return explainUnion(issue.errors, path, root, input)
  return [explainValue(issue, path, root, input)]
}

/** The issues that a schema found in an input, in plain words. */
export const explainIssues = (schema: Schema, input: unknown, issues: readonly Issue[]): ExplainedIssue[] =>
  issues.flatMap(issue => explain(issue, [], schema, input))
