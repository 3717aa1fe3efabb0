import type { GuardrailAction } from '@causeway/contracts'
import type { Find, Span } from './detectors/span.ts'

/** What one guardrail looks for on one side. */
export interface Watch {
  guardrail: string
  action: GuardrailAction
  dataClass: string | undefined
  detector: string
  find: Find
}

/** A place in a text where a guardrail has found something. */
export interface Match extends Span, Omit<Watch, 'find'> {}

/** What is found in a text. Several may be found at the same place. */
export function matchesIn(text: string, watches: readonly Watch[]): Match[] {
  const found = new Map<Find, Span[]>()
  return watches.flatMap(({ find, ...watch }) => {
    const spans = found.get(find) ?? find(text)
    found.set(find, spans)
    return spans.map(span => ({ ...watch, ...span }))
  })
}

/** The text up to `end` with the names of what was found in its place. Where two overlap the first one stands for both. */
export function redacted(text: string, matches: readonly Match[], end: number = text.length): string {
  const inOrder = matches
    .filter(({ action, from }) => action === 'redact' && from < end)
    .toSorted((one, other) => one.from - other.from || other.to - one.to)
  const pieces: string[] = []
  let at = 0
  let covered = -1
  for (const { from, to, detector } of inOrder) {
    if (from >= covered) pieces.push(text.slice(at, from), `[${detector}]`)
    covered = Math.max(covered, to)
    at = covered
  }
  return [...pieces, text.slice(at, Math.max(at, end))].join('')
}
