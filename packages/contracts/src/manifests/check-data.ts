import type { ProblemPlace } from '../errors.ts'
import { jsonPointer } from './json-pointer.ts'

/** Levels of lists and maps in a manifest. Deeper data has no use here, and every reader of it may recurse safely. */
const maximumDepth = 64

/** Whether the database and RFC 8785 can carry the text: no NUL, no half of a surrogate pair. */
const isPortable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** What keeps a value from being stored as JSON without loss. */
export function checkData(value: unknown): ProblemPlace[] {
  const problems: ProblemPlace[] = []
  const report = (path: readonly PropertyKey[], message: string): void => {
    problems.push({ pointer: jsonPointer(path), message })
  }
  const visit = (part: unknown, path: readonly PropertyKey[]): void => {
    switch (typeof part) {
      case 'string':
        if (!isPortable(part)) report(path, 'expected well-formed Unicode text without NUL characters')
        return
      case 'number':
        if (!Number.isFinite(part)) report(path, `expected a finite number, got ${part}`)
        return
      case 'object':
        if (part !== null) visitParts(part, path)
        return
      case 'bigint':
      case 'function':
      case 'symbol':
        report(path, `expected data that JSON can hold, got a ${typeof part}`)
        return
      case 'boolean':
      case 'undefined':
    }
  }
  const visitParts = (parts: object, path: readonly PropertyKey[]): void => {
    if (path.length >= maximumDepth) return report(path, `expected at most ${maximumDepth} levels of lists and maps`)
    if (Array.isArray(parts)) return parts.forEach((part, index) => visit(part, [...path, index]))
    if (!isPlain(parts)) return report(path, 'expected data that JSON can hold, got an instance of a class')
    for (const [key, part] of Object.entries(parts)) {
      if (key === '__proto__' || !isPortable(key)) report(path, `the key ${JSON.stringify(key)} is not allowed`)
      else visit(part, [...path, key])
    }
  }
  visit(value, [])
  return problems
}
