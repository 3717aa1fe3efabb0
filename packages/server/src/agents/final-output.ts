import type { JsonSchema } from '@causeway/contracts'
import { mismatch } from '../json-schema/index.ts'

/** A final answer as JSON, or what is wrong with it. */
export type FinalOutput = { value: unknown; text: string; problem?: undefined } | { problem: string }

/** Reads a final answer that must match a schema. A fence of Markdown around it is no part of it. */
export function readFinalOutput(schema: JsonSchema, answer: string): FinalOutput {
  const text = /^\s*```(?:json)?\s*\n([^]*?)\n?```\s*$/.exec(answer)?.[1] ?? answer.trim()
  try {
    const value: unknown = JSON.parse(text)
    const problem = mismatch(schema, value)
    return problem === undefined ? { value, text } : { problem }
  } catch {
    return { problem: 'expected JSON and nothing else' }
  }
}

const boundedIds = /^\^\[(?:[A-Za-z0-9_.-]|\\[-.dw])+\](?:\{\d{1,2}(?:,\d{1,2})?\})\$$/
const idCharactersAtMost = 64
const itemsAtMost = 100
const wordless = new Set(['date', 'date-time', 'time', 'uuid', 'ipv4', 'ipv6'])

/**
 * Whether values of a schema have no room for words: choices, numbers, booleans, instants, ids of a bounded form, and lists and objects of
 * them. Whoever controls the model that fills one in can choose among them, and say nothing.
 */
export function isWordless(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return false
  const {
    type,
    enum: choices,
    const: only,
    properties,
    additionalProperties,
    items,
    ...rest
  } = { ...schema } as Record<string, unknown>
  if (only !== undefined || Array.isArray(choices)) return true
  switch (type) {
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return true
    case 'string':
      return isBounded(rest)
    case 'array':
      return typeof rest['maxItems'] === 'number' && rest['maxItems'] <= itemsAtMost && isWordless(items)
    case 'object':
      return (
        additionalProperties === false &&
        rest['patternProperties'] === undefined &&
        typeof properties === 'object' &&
        properties !== null &&
        Object.values(properties).every(isWordless)
      )
    default:
      return false
  }
}

function isBounded({ format, pattern, maxLength }: Record<string, unknown>): boolean {
  if (typeof format === 'string') return wordless.has(format)
  return (
    typeof pattern === 'string' &&
    boundedIds.test(pattern) &&
    typeof maxLength === 'number' &&
    maxLength <= idCharactersAtMost
  )
}
