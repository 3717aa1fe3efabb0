import { jsonPointer, type Label, type ResultPolicy } from '@causeway/contracts'
import { Environment } from '@marcbachmann/cel-js'
import { join, trusted } from './label.ts'
import { placesAt } from './value-pointer.ts'

/** The label of a result and of the parts of it that differ. */
export interface ResultLabels {
  label: Label
  parts: { pointer: string; label: Label }[]
}

// CEL: https://github.com/google/cel-spec. A condition sees the part of the result that it is about, and nothing else.
const environment = new Environment().registerVariable('part', 'dyn')

const partsAtMost = 10_000

/** Labels what a tool has answered, as its manifest says. What no rule is about has the label of the whole. */
export function labelResult(
  tool: string,
  { integrity, readers, parts: rules }: ResultPolicy,
  output: unknown,
): ResultLabels {
  const rest: Label = { integrity, readers, origins: [tool] }
  const parts: { pointer: string; label: Label }[] = []
  const told = new Set<string>()
  for (const { at, when, ...own } of rules)
    for (const { pointer, value } of placesAt(output, at)) {
      if (told.has(pointer) || parts.length >= partsAtMost || (when !== undefined && !holds(when, value))) continue
      told.add(pointer)
      parts.push({ pointer, label: { ...own, origins: [tool] } })
    }
  const all = parts.map(({ label }) => label)
  const label = [...all, ...(saysMore(output, told) ? [rest] : [])].reduce(join, { ...trusted, origins: [tool] })
  return { label, parts }
}

/** The problem of a condition that is no CEL; undefined for one that is. */
export function conditionProblem(when: string): string | undefined {
  const { valid, error } = environment.check(when)
  return valid ? undefined : (error?.message.split('\n')[0] ?? 'it cannot be read')
}

/** A condition that cannot be evaluated, such as one about a member that is missing, does not hold. */
function holds(when: string, part: unknown): boolean {
  try {
    return environment.evaluate(when, { part }) === true
  } catch {
    return false
  }
}

const plainKey = /^[\w-]{1,40}$/

/** Whether a value says anything in words outside of the parts that are told. Numbers and yes or no say nothing by themselves. */
function saysMore(value: unknown, told: ReadonlySet<string>, pointer = ''): boolean {
  if (told.has(pointer)) return false
  if (typeof value === 'string') return value !== ''
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([key, inside]) =>
      (!Array.isArray(value) && !plainKey.test(key)) || saysMore(inside, told, pointer + jsonPointer([key])),
  )
}
