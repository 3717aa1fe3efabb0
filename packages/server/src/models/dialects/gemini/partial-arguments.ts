import type { PartialArgument } from './wire.ts'

// Vertex AI can stream the arguments of a call as pieces that each name their place by a JSON path. Other dialects
// stream them as JSON text, in which nothing can be put in between later, so the pieces are gathered first.

const step = /\.([^.[\]'"]+)|\[(\d{1,6})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/gy
const deepest = 64
const longestList = 10_000

type Container = Map<string | number, unknown>

/** Gathers the arguments of one call. */
export interface PartialArguments {
  add(piece: PartialArgument): void
  /** The arguments so far as JSON. */
  text(): string
}

export function createPartialArguments(): PartialArguments {
  const root: Container = new Map()
  return {
    add(piece) {
      const path = readPath(piece.jsonPath)
      const last = path?.pop()
      if (!path || last === undefined) return
      let at = root
      for (const key of path) {
        const next = at.get(key)
        const container: Container = next instanceof Map ? (next as Container) : new Map()
        at.set(key, container)
        at = container
      }
      const before = at.get(last)
      at.set(last, valueOf(piece, before))
    },
    text: () => JSON.stringify(plain(root, true)),
  }
}

/** The keys of a path such as `$.recipe.steps[0]`; undefined for one that cannot be followed. */
function readPath(path: string): (string | number)[] | undefined {
  if (!path.startsWith('$')) return undefined
  const keys: (string | number)[] = []
  step.lastIndex = 1
  for (let found = step.exec(path); found; found = step.exec(path)) {
    const [all, name, index, single, double] = found
    if (index !== undefined && Number(index) >= longestList) return undefined
    keys.push(index === undefined ? (name ?? unescaped(single ?? double ?? '')) : Number(index))
    if (keys.length > deepest) return undefined
    if (step.lastIndex === path.length) return keys
    if (all.length === 0) return undefined
  }
  return undefined
}

const unescaped = (text: string): string => text.replaceAll(/\\(.)/gs, '$1')

/** Texts come in several pieces, other values in one. */
function valueOf({ stringValue, numberValue, boolValue }: PartialArgument, before: unknown): unknown {
  if (typeof stringValue === 'string') return typeof before === 'string' ? before + stringValue : stringValue
  return numberValue ?? boolValue ?? null
}

/** A container whose keys are all numbers is a list; places that nothing was said of are null. */
function plain(value: unknown, isRoot = false): unknown {
  if (!(value instanceof Map)) return value
  const container = value as Container
  const keys = [...container.keys()]
  if (isRoot || keys.length === 0 || keys.some(key => typeof key === 'string'))
    return Object.fromEntries(keys.map(key => [String(key), plain(container.get(key))]))
  const length = Math.max(...(keys as number[])) + 1
  return Array.from({ length }, (_, index) => plain(container.get(index) ?? null))
}
