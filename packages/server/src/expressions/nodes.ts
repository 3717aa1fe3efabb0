/** What is read of the syntax tree of an expression. */
export interface Node {
  readonly op: string
  readonly args: unknown
  /** Where it ends in the text. */
  readonly end?: number
}

/** The nodes directly inside of a node. */
export const childrenOf = ({ args }: Node): Node[] => nodesIn(args)

function nodesIn(args: unknown): Node[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn)
  return isNode(args) ? [args] : []
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value
