import { isScalar, visit, type Document, type YAMLMap } from 'yaml'

/** A wrong place in a document by its offset. */
export interface OffsetProblem {
  offset: number
  message: string
}

const largestText = 1024 * 1024

function numberProblem(value: number, source: string | undefined): string | undefined {
  if (!Number.isFinite(value)) return `expected a finite number, got ${source}`
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(source ?? ''))
    return `expected a whole number that is exact in JSON (at most 2^53), got ${source}; write it in quotes`
  return undefined
}

function repeatedKeys({ items }: YAMLMap): OffsetProblem[] {
  const seen = new Set<unknown>()
  return items.flatMap(({ key }) => {
    if (!isScalar(key)) return []
    const isRepeated = seen.has(key.value)
    seen.add(key.value)
    if (!isRepeated) return []
    return [{ offset: key.range?.[0] ?? 0, message: `expected each key once, got ${JSON.stringify(key.value)} again` }]
  })
}

/** YAML that would be read otherwise than its author or a reviewer expects: it is refused instead of guessed at. */
export function surprises(document: Document, text: string): OffsetProblem[] {
  const problems: OffsetProblem[] = []
  // YAML 1.1 reads `no` as false and merges `<<`: the same text would mean something else.
  if (document.directives?.yaml.version === '1.1')
    problems.push({
      offset: Math.max(text.lastIndexOf('%YAML', document.range?.[0]), 0),
      message: 'expected YAML 1.2, got a %YAML 1.1 directive',
    })
  visit(document, {
    Map(_, map) {
      problems.push(...repeatedKeys(map))
    },
    Pair(_, { key }) {
      if (!isScalar(key)) return
      const offset = key.range?.[0] ?? 0
      if (key.value === '<<' && key.type === 'PLAIN')
        problems.push({ offset, message: 'expected the fields written out, got a merge key (<<)' })
      if (key.value === '__proto__') problems.push({ offset, message: 'the key "__proto__" is not allowed' })
    },
    Alias(_, alias, path) {
      const target = alias.resolve(document)
      const message = target
        ? 'expected an alias that stands outside of what it names'
        : `expected an alias of an anchor before it, got "*${alias.source}"`
      if (!target || path.includes(target)) problems.push({ offset: alias.range?.[0] ?? 0, message })
    },
    Scalar(_, { value, source, range }) {
      const message = typeof value === 'number' ? numberProblem(value, source) : undefined
      if (message) problems.push({ offset: range?.[0] ?? 0, message })
    },
  })
  return problems
}

/** The data of a document, with aliases expanded within bounds. */
export function dataOf(document: Document): { value: unknown } | OffsetProblem {
  const offset = document.contents?.range?.[0] ?? 0
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    if (JSON.stringify(value)?.length > largestText)
      return { offset, message: 'expected at most 1 MB with aliases expanded' }
    return { value }
  } catch (error) {
    const message = 'expected aliases that expand to a bounded document without cycles'
    return { offset, message: error instanceof RangeError ? 'expected fewer levels of lists and maps' : message }
  }
}
