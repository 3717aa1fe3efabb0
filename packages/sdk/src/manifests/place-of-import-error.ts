import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linePlaces } from './line-places.ts'
import type { SourcePlace } from './manifest-problem.ts'

type ImportProblem = SourcePlace & { message: string }

/** The first place in the author's own files that the stack of an error names. */
function placeInStack(stack: string): { path: string; line: number; column: number } | undefined {
  const found = [...stack.matchAll(/file:\/\/[^\s:)]+(?=:\d)/g)].find(([url]) => !url.includes('/node_modules/'))
  if (!found) return undefined
  const [, line, column] = /^:(\d+)(?::(\d+))?/.exec(stack.slice(found.index + found[0].length)) ?? []
  // A syntax error has its column in a line of carets below the source instead.
  const caret = stack.split('\n').find(text => /^\s*\^+\s*$/.test(text))
  const columnOfCaret = caret === undefined ? 1 : caret.indexOf('^') + 1
  return { path: fileURLToPath(found[0]), line: Number(line), column: column ? Number(column) : columnOfCaret }
}

/** The import in the module that names a file which does not exist. */
function placeOfMissing(error: Error, path: string, text: string): { line: number; column: number } | undefined {
  const missing = /Cannot find (?:module|package) '([^']+)'/.exec(error.message)?.[1]
  const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*(['"])(.+?)\1/g)
  for (const found of specifiers) {
    const specifier = found[2] ?? ''
    const isMissing = specifier === missing || resolve(dirname(path), specifier) === missing
    if (isMissing) return linePlaces(text)(found.index + found[0].lastIndexOf(specifier) - 1)
  }
  return undefined
}

/** Where a module that could not be imported went wrong, as exactly as the runtime says. */
export function placeOfImportError(error: unknown, path: string, file: string, text: string): ImportProblem {
  const known = error instanceof Error ? error : new Error(String(error))
  const message = `expected a module that can be imported, got: ${known.message}`
  const missing = placeOfMissing(known, path, text)
  if (missing) return { file, ...missing, message }
  const place = placeInStack(known.stack ?? '')
  if (!place) return { file, line: 1, column: 1, message }
  const { line, column } = place
  // Named like the module that was asked for: relative if that is.
  const where = place.path === path ? file : relativeLike(place.path, path, file)
  return { file: where, line, column, message }
}

function relativeLike(other: string, path: string, file: string): string {
  const base = path.endsWith(file) ? path.slice(0, path.length - file.length) : ''
  return base === '' ? other : relative(base, other)
}
