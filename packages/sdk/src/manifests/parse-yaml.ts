import { isScalar, LineCounter, visit, type Document } from 'yaml'
import { dataOf, surprises, type OffsetProblem } from './check-yaml-document.ts'
import { composeYaml } from './compose-yaml.ts'
import { locateInYaml } from './locate-in-yaml.ts'
import type { ManifestDraft } from './manifest-draft.ts'
import type { ManifestProblem } from './manifest-problem.ts'

/** Problems of syntax that are told of one document: nobody reads more at once. */
const maximumProblems = 50

interface ParsedYaml {
  drafts: ManifestDraft[]
  problems: ManifestProblem[]
}

/** Whether nothing stands between two document markers but comments. */
const isEmpty = ({ contents }: Document): boolean =>
  contents === null || (isScalar(contents) && contents.value === null && !contents.source)

function problemsOf(document: Document, text: string): OffsetProblem[] {
  const syntax = [...document.errors, ...document.warnings].map(({ pos, message }): OffsetProblem =>
    // The parser notices at the end of the file; what the author looks for is the quote that was left open.
    /^Missing closing .quote/.test(message)
      ? { offset: lastQuoted(document) ?? pos[0], message: 'expected this quote to be closed, got the end of the file' }
      : { offset: pos[0], message },
  )
  // Of several at one place only the first says what happened; the others follow from it.
  const first = [...new Map(syntax.toReversed().map(problem => [problem.offset, problem])).values()]
    .toSorted((one, other) => one.offset - other.offset)
    .slice(0, maximumProblems)
  return first.length > 0 ? first : surprises(document, text)
}

function lastQuoted(document: Document): number | undefined {
  let offset: number | undefined
  visit(document, {
    Scalar(_, { type, range }) {
      if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') offset = range?.[0]
    },
  })
  return offset
}

/** Reads the documents of a YAML text. Pure; `file` is only named in places. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lineCounter = new LineCounter()
  const placeOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const toProblem = ({ offset, message }: OffsetProblem): ManifestProblem => ({
    ...placeOf(offset),
    pointer: '',
    message: message.charAt(0).toLowerCase() + message.slice(1),
  })
  const documents = composeYaml(text, lineCounter)
  if (!Array.isArray(documents)) return { drafts: [], problems: [toProblem(documents)] }
  const parsed: ParsedYaml = { drafts: [], problems: [] }
  for (const document of documents) {
    const problems = problemsOf(document, text)
    const data = isEmpty(document) ? undefined : dataOf(document)
    if (data && 'message' in data && problems.length === 0) problems.push(data)
    parsed.problems.push(...problems.map(toProblem))
    if (data && 'value' in data)
      parsed.drafts.push({
        value: data.value,
        locate: (path, part = 'value') => placeOf(locateInYaml(document, path, part)),
        broken: problems.length > 0,
      })
  }
  return parsed
}
