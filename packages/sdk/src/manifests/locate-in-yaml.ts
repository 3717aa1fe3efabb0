import { isAlias, isMap, isScalar, isSeq, type Document } from 'yaml'

const startOf = (node: unknown): number | undefined => {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined
}

const keyOf = (key: unknown): string => String(isScalar(key) ? key.value : key)

/** The offset of a path in a document, or of the deepest part of it that exists. */
export function locateInYaml(document: Document, path: readonly PropertyKey[], part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? document.range?.[0] ?? 0
  for (const [depth, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(item => keyOf(item.key) === String(key))
      if (!pair) break
      const wantsKey = part === 'key' && depth === path.length - 1
      node = pair.value
      offset = (wantsKey ? undefined : startOf(node)) ?? startOf(pair.key) ?? offset
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      offset = startOf(node) ?? offset
    } else break
  }
  return offset
}
