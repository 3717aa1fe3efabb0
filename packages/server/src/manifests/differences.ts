import { jsonPointer, type ManifestDifference } from '@causeway/contracts'

type Path = readonly (string | number)[]

/** The places in which two values differ, as JSON Pointers, in a stable order. */
export function differences(before: unknown, after: unknown, path: Path = []): ManifestDifference[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
    return keys.flatMap(key => differences(own(before, key), own(after, key), [...path, key]))
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length)
    return Array.from({ length }, (_, index) => differences(before[index], after[index], [...path, index])).flat()
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  return [
    { pointer: jsonPointer(path), ...(before !== undefined && { before }), ...(after !== undefined && { after }) },
  ]
}

/** A key such as `constructor` is on every object, but not its own. */
const own = (map: Record<string, unknown>, key: string): unknown => (Object.hasOwn(map, key) ? map[key] : undefined)

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
