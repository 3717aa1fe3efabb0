import { childrenOf, type Node } from './nodes.ts'

const macros: ReadonlySet<unknown> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** Whether an expression looks through a list for each element of a list, which takes longer than what it looks at is long. */
export const hasNestedLoops = (node: Node): boolean => depthOfLoops(node) > 1

const depthOfLoops = (node: Node): number => Math.max(0, ...childrenOf(node).map(depthOfLoops)) + (isLoop(node) ? 1 : 0)

function isLoop({ op, args }: Node): boolean {
  if (op === 'rcall') return Array.isArray(args) && macros.has(args[0])
  return op === 'in' && childrenOf({ op, args })[1]?.op !== 'list'
}
