import { jsonPointer, type Detector, type Label, type ResultPolicy } from '@causeway/contracts'
import { createExpressions } from '../expressions/index.ts'
import { join, trusted } from './label.ts'
import { placesAt } from './value-pointer.ts'

/** The label of a result and of the parts of it that differ. */
export interface ResultLabels {
  label: Label
  parts: LabelledPart[]
}

/** A part of a result with a label of its own. */
export interface LabelledPart {
  pointer: string
  label: Label
  /** Whether a model has worded it, so that nothing in it counts as said. */
  modelMade?: boolean | undefined
}

/** A condition sees the part of the result that it is about. */
const conditions = createExpressions({ part: 'dyn' })

const partsAtMost = 10_000

/** Labels what a tool has answered, as its manifest says. What no rule is about has the label of the whole. */
export function labelResult(
  tool: string,
  { integrity, readers, dataClasses, parts: rules }: ResultPolicy,
  output: unknown,
): ResultLabels {
  const whole = { origins: [tool], ...(dataClasses && { dataClasses }) }
  const rest: Label = { integrity, readers, ...whole }
  const parts: { pointer: string; label: Label }[] = []
  const told = new Set<string>()
  for (const { at, when, ...own } of rules)
    for (const { pointer, value } of placesAt(output, at)) {
      if (told.has(pointer) || parts.length >= partsAtMost || (when !== undefined && !holds(when, value))) continue
      told.add(pointer)
      parts.push({ pointer, label: { ...own, ...whole } })
    }
  const all = parts.map(({ label }) => label)
  const label = [...all, ...(saysMore(output, told) ? [rest] : [])].reduce(join, { ...trusted, ...whole })
  return { label, parts }
}

/** The labels of a result of which a tool itself has labelled parts. They only become stricter. */
export function labelledBy({ label, parts }: ResultLabels, told: readonly LabelledPart[]): ResultLabels {
  return {
    label: told.map(part => part.label).reduce(join, label),
    parts: [...parts, ...told.map(part => ({ ...part, label: join(label, part.label) }))],
  }
}

/** Findings that say that somebody wrote it who may have wanted to steer the model, whatever the manifest of the tool says. */
const steering: ReadonlySet<string> = new Set<Detector>(['injection', 'hidden-text'])

/** The labels of a result in which something was found. They only become stricter. */
export function flagged({ label, parts }: ResultLabels, found: readonly string[]): ResultLabels {
  if (found.length === 0) return { label, parts }
  const flags: Label = {
    integrity: found.some(each => steering.has(each)) ? 'untrusted' : 'trusted',
    readers: '*',
    origins: [],
    flags: [...new Set(found)],
  }
  return {
    label: join(label, flags),
    parts: parts.map(part => ({ ...part, label: join(part.label, flags) })),
  }
}

/** The problem of a condition that is no CEL; undefined for one that is. */
export const conditionProblem = (when: string): string | undefined => conditions.problemOf(when)

/** A condition that cannot be evaluated, such as one about a member that is missing, does not hold. */
function holds(when: string, part: unknown): boolean {
  try {
    return conditions.evaluate(when, { part }) === true
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
