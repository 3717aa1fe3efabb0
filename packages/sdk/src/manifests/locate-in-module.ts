import { maskSource } from './mask-source.ts'

interface Entry {
  key: string
  keyAt: number
  valueAt: number
}

const skipSpace = (masked: string, at: number): number => at + (/^\s*/.exec(masked.slice(at))?.[0].length ?? 0)

/** The offset after the expression that begins at `at`: its comma, or the bracket that closes around it. */
function endOfExpression(masked: string, at: number): number {
  let depth = 0
  for (let offset = at; offset < masked.length; offset += 1) {
    const character = masked.charAt(offset)
    if ('{[('.includes(character)) depth += 1
    else if ('}])'.includes(character)) depth -= 1
    if (depth < 0 || (depth === 0 && character === ',')) return offset
  }
  return masked.length
}

function entryAt(source: string, masked: string, at: number, index: number, isList: boolean): Entry {
  if (isList) return { key: String(index), keyAt: at, valueAt: at }
  const key = /^(['"]?)([\w$-]+)\1\s*(:?)/.exec(source.slice(at, at + 300))
  const valueAt = key?.[3] ? skipSpace(masked, at + key[0].length) : at
  return { key: key?.[2] ?? '', keyAt: at, valueAt }
}

/** The entries of the object or list literal whose bracket stands at `open`. */
function entriesOf(source: string, masked: string, open: number): Entry[] {
  const entries: Entry[] = []
  for (let at = skipSpace(masked, open + 1); at < masked.length && !'}]'.includes(masked.charAt(at));) {
    const entry = entryAt(source, masked, at, entries.length, masked.charAt(open) === '[')
    entries.push(entry)
    const end = endOfExpression(masked, entry.valueAt)
    at = masked.charAt(end) === ',' ? skipSpace(masked, end + 1) : masked.length
  }
  return entries
}

/** Where the value of a name of the module begins, following `const` declarations. */
function declarationOf(masked: string, name: string): { nameAt: number; valueAt: number } | undefined {
  const found = new RegExp(`\\b(?:const|let|var|function)\\s+(${name.replaceAll('$', '\\$')})\\b`).exec(masked)
  if (!found) return undefined
  const nameAt = found.index + found[0].length - name.length
  const equals = /=(?![=>])/.exec(masked.slice(nameAt))
  return { nameAt, valueAt: equals ? skipSpace(masked, nameAt + equals.index + 1) : nameAt }
}

/** The literal that an expression is, names, or wraps in a call such as `tool({ … })`. */
function literalAt(masked: string, at: number, hops = 8): number | undefined {
  if ('{['.includes(masked.charAt(at) || ' ')) return at
  const [word = '', name = '', call] = /^([\w$.]+)\s*(\(\s*)?/.exec(masked.slice(at, at + 300)) ?? []
  if (call !== undefined) return '{['.includes(masked.charAt(at + word.length)) ? at + word.length : undefined
  const declared = hops > 0 && name ? declarationOf(masked, name) : undefined
  return declared && literalAt(masked, declared.valueAt, hops - 1)
}

function exportAt(masked: string, name: string): { nameAt: number; valueAt: number } {
  const byDefault = name === 'default' ? /\bexport\s+default\s+/.exec(masked) : null
  if (byDefault) return { nameAt: byDefault.index, valueAt: byDefault.index + byDefault[0].length }
  const clause = new RegExp(`\\bexport\\s*\\{[^}]*?\\b(?:([\\w$]+)\\s+as\\s+)?${name.replaceAll('$', '\\$')}\\b`).exec(
    masked,
  )
  const declared = declarationOf(masked, clause?.[1] ?? name)
  const nameAt = clause ? clause.index + clause[0].length - name.length : 0
  return declared ?? { nameAt, valueAt: nameAt }
}

/**
 * The offset of a path in what a module exports under a name, or of the deepest part of it that is written as a
 * literal: a computed value is found at the expression that computes it.
 */
export function locateInModule(source: string, name: string, path: readonly PropertyKey[], part: 'key' | 'value') {
  const masked = maskSource(source)
  const start = exportAt(masked, name)
  let offset = path.length === 0 ? start.nameAt : start.valueAt
  let valueAt = start.valueAt
  for (const [depth, key] of path.entries()) {
    const open = literalAt(masked, valueAt)
    const entries = open === undefined ? [] : entriesOf(source, masked, open)
    const entry = entries.find(each => each.key === String(key))
    // A helper such as agent({ model }) takes the fields of the spec beside the name.
    if (!entry && key === 'spec' && depth === 0) continue
    if (!entry) return open ?? offset
    valueAt = entry.valueAt
    offset = part === 'key' && depth === path.length - 1 ? entry.keyAt : entry.valueAt
  }
  return offset
}
