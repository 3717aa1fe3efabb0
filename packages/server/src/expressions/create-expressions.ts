import { Environment } from '@marcbachmann/cel-js'
import { callsMatches, linearMatches, matches, patternProblem, withLinearMatches } from './linear-matches.ts'
import { costlyLoop } from './loops.ts'

/** Expressions over values that have names, in CEL (https://github.com/google/cel-spec). They see these values and nothing else. */
export interface Expressions {
  /** Why a text is no expression; undefined for one that is. */
  problemOf(text: string): string | undefined
  /**
   * The value of an expression. It takes time in proportion to what it looks at: a tenant's expression cannot keep others waiting.
   * @throws Error where it has none, such as one about a member that is missing
   */
  evaluate(text: string, values: Readonly<Record<string, unknown>>): unknown
}

type Compiled = (values: Readonly<Record<string, unknown>>) => unknown

/** Expressions come from manifests, of which there are few; the bound is for an environment that changes them all day. */
const remembered = 1000

/** @param variables the names of the values, with what they are */
export function createExpressions(variables: Readonly<Record<string, 'dyn' | 'map'>>): Expressions {
  const environment = new Environment({ limits: { maxAstNodes: 2000, maxDepth: 50 } })
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type)
  environment.registerFunction(`string.${linearMatches}(string): bool`, matches)
  const compiled = new Map<string, Compiled>()

  const compile = (text: string): Compiled => {
    const { ast } = environment.parse(text)
    const problem = costlyLoop(ast) ?? patternProblem(ast)
    if (problem !== undefined) throw new Error(problem)
    if (!callsMatches(ast)) return environment.parse(text)
    const linear = environment.parse(withLinearMatches(text, ast))
    if (callsMatches(linear.ast)) throw new Error('a comment stands before matches')
    return linear
  }

  return {
    problemOf(text) {
      try {
        const { valid, error } = environment.check(text)
        if (!valid) return firstLine(error?.message)
        compile(text)
        return undefined
      } catch (error) {
        return firstLine(error instanceof Error ? error.message : String(error))
      }
    },
    evaluate(text, values) {
      let expression = compiled.get(text)
      if (!expression) {
        expression = compile(text)
        if (compiled.size >= remembered) compiled.clear()
        compiled.set(text, expression)
      }
      return expression(values)
    },
  }
}

const firstLine = (message = 'it cannot be read'): string => message.split('\n')[0] ?? ''
