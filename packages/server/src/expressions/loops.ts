import { childrenOf, type Node } from './nodes.ts'

const macros: ReadonlySet<unknown> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** What takes time in proportion to what it is given, and so for each element of a list only with the element itself. */
const operations: ReadonlySet<string> = new Set(['call', 'rcall', '+'])

/**
 * Why an expression can take longer than what it looks at is long: it goes through a value again for each element of a list.
 * Undefined for one that cannot.
 */
export function costlyLoop(node: Node): string | undefined {
  if (!isLoop(node)) return firstOf(childrenOf(node), costlyLoop)
  const [list, variable, ...body] = childrenOf(node)
  if (firstOf(childrenOf(node), anyLoop)) return 'a loop (all, exists, exists_one, map, filter, in) stands in a loop'
  if (node.op === 'in' || list === undefined) return undefined
  return firstOf(body, inside => operationOnOthers(inside, variable?.args))
}

const anyLoop = (node: Node): true | undefined => (isLoop(node) ? true : firstOf(childrenOf(node), anyLoop))

function isLoop({ op, args }: Node): boolean {
  if (op === 'rcall') return Array.isArray(args) && macros.has(args[0])
  return op === 'in' && childrenOf({ op, args })[1]?.op !== 'list'
}

function operationOnOthers(node: Node, variable: unknown): string | undefined {
  if (operations.has(node.op) && namesOther(node, variable))
    return 'a function or + in a loop is given something else than the element'
  return firstOf(childrenOf(node), inside => operationOnOthers(inside, variable))
}

const namesOther = ({ op, args }: Node, variable: unknown): boolean =>
  op === 'id' ? args !== variable : childrenOf({ op, args }).some(inside => namesOther(inside, variable))

function firstOf<Found>(nodes: readonly Node[], find: (node: Node) => Found | undefined): Found | undefined {
  for (const node of nodes) {
    const found = find(node)
    if (found !== undefined) return found
  }
  return undefined
}
