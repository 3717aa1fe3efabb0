import { jsonPointer, pointerKeys } from '@causeway/contracts'

/** A place in a value, with what stands there. */
export interface Place {
  pointer: string
  value: unknown
}

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** The places that a pointer with `*` leads to; none where it leads nowhere. */
export function placesAt(value: unknown, pointer: string): Place[] {
  let found: { path: string[]; value: unknown }[] = [{ path: [], value }]
  for (const key of pointerKeys(pointer))
    found = found.flatMap(({ path, value: inside }) => {
      if (!isContainer(inside)) return []
      const keys = key === '*' ? Object.keys(inside) : Object.hasOwn(inside, key) ? [key] : []
      return keys.map(each => ({ path: [...path, each], value: inside[each] }))
    })
  return found.map(({ path, value: inside }) => ({ pointer: jsonPointer(path), value: inside }))
}

/** The texts and numbers in a value, with the names of its members, wherever they stand. */
export function leavesOf(value: unknown, except?: (pointer: string) => boolean): string[] {
  const leaves: string[] = []
  const walk = (inside: unknown, path: string[]): void => {
    if (except?.(jsonPointer(path))) return
    if (typeof inside === 'string') leaves.push(inside)
    else if (typeof inside === 'number' || typeof inside === 'bigint') leaves.push(String(inside))
    else if (isContainer(inside))
      for (const [key, each] of Object.entries(inside)) {
        if (!Array.isArray(inside)) leaves.push(key)
        walk(each, [...path, key])
      }
  }
  walk(value, [])
  return leaves
}
