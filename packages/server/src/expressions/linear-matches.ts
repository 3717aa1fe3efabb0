import { RE2JS } from 're2js'
import { childrenOf, type Node } from './nodes.ts'

/** The name under which `matches` is carried out by RE2, as CEL says; the library itself does it with expressions that go back. */
export const linearMatches = 'matchesRe2'

/** Whether a text has what an RE2 expression matches. @throws RE2JSSyntaxException */
export const matches = (text: string, pattern: string): boolean => RE2JS.compile(pattern).matcher(text).find()

/** The text with every call of `matches` under its other name. */
export function withLinearMatches(text: string, root: Node): string {
  let rewritten = text
  for (const at of placesOfMatches(root, text).toSorted((one, other) => other - one))
    rewritten = rewritten.slice(0, at) + linearMatches + rewritten.slice(at + 'matches'.length)
  return rewritten
}

/** Why a pattern cannot be used: one that is no RE2, or that the data brings, which could be as long as the text. */
export function patternProblem(node: Node): string | undefined {
  const [, pattern] = isMatches(node) ? childrenOf(node) : []
  if (pattern) {
    if (pattern.op !== 'value' || typeof pattern.args !== 'string') return 'the pattern of matches is no literal'
    try {
      RE2JS.compile(pattern.args)
    } catch (error) {
      return `the pattern of matches is no RE2: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  for (const inside of childrenOf(node)) {
    const problem = patternProblem(inside)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Whether `matches` is called somewhere. */
export const callsMatches = (node: Node): boolean => isMatches(node) || childrenOf(node).some(callsMatches)

function placesOfMatches(node: Node, text: string): number[] {
  const [receiver] = childrenOf(node)
  const own = isMatches(node) && receiver?.end !== undefined ? [text.indexOf('matches', receiver.end)] : []
  return [...own.filter(at => at >= 0), ...childrenOf(node).flatMap(inside => placesOfMatches(inside, text))]
}

const isMatches = ({ op, args }: Node): boolean => op === 'rcall' && Array.isArray(args) && args[0] === 'matches'
