import type { DecisionReason, Manifest, PolicyCondition, ProblemPlace } from '@causeway/contracts'
import { createExpressions } from '../expressions/index.ts'

/** A condition sees the arguments of the call, in their canonical form. */
const expressions = createExpressions({ arguments: 'dyn' })

/** Characters of arguments that conditions look at. */
const charactersAtMost = 200_000

/** A condition of a Policy, with an id that no other has. */
export interface Condition extends PolicyCondition {
  /** Whose condition it is, and which one. */
  source: string
}

/** The conditions of manifests. */
export const conditionsOf = (
  manifests: readonly { name: string; conditions?: readonly PolicyCondition[] | undefined }[],
): Condition[] =>
  manifests.flatMap(({ name, conditions = [] }) =>
    conditions.map(condition => ({ ...condition, source: `${name}/${condition.id}` })),
  )

/** What conditions say to a call of a tool: why it is denied, and why a person is asked. One that cannot be evaluated denies. */
export function heldOn(
  conditions: readonly Condition[],
  tool: string,
  values: Readonly<Record<string, unknown>>,
): Record<'deny' | 'ask', DecisionReason[]> {
  const own = conditions.filter(({ tools }) => tools.includes(tool))
  const said: Record<'deny' | 'ask', DecisionReason[]> = { deny: [], ask: [] }
  if (own.length === 0) return said
  if (JSON.stringify(values).length > charactersAtMost) {
    said.deny.push(undecided(`The arguments have more than ${charactersAtMost} characters.`))
    return said
  }
  for (const { source, id, when, answer, message } of own)
    try {
      const holds = expressions.evaluate(when, { arguments: values })
      if (typeof holds !== 'boolean') throw new Error(`it is no yes or no`)
      if (holds)
        said[answer].push({ source: 'policy', id: source, message: message ?? `The condition ${id} holds: ${when}` })
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
      said.deny.push(undecided(`The condition ${source} could not be evaluated: ${why}.`))
    }
  return said
}

/** The problems of the conditions of a Policy. Other kinds have none. */
export function checkConditions(manifest: Manifest): ProblemPlace[] {
  if (manifest.kind !== 'Policy') return []
  const { conditions = [] } = manifest.spec
  return conditions.flatMap(({ id, when }, index) => {
    const problem = expressions.problemOf(when)
    const isRepeated = conditions.findIndex(each => each.id === id) !== index
    return [
      ...(problem === undefined
        ? []
        : [{ pointer: `/spec/conditions/${index}/when`, message: `expected CEL: ${problem}` }]),
      ...(isRepeated
        ? [{ pointer: `/spec/conditions/${index}/id`, message: `expected each id once, got "${id}" again` }]
        : []),
    ]
  })
}

const undecided = (message: string): DecisionReason => ({ source: 'invariant', id: 'policy-error', message })
