/** A place in a text, from the first character up to but without `to`. */
export interface Span {
  from: number
  to: number
}

/** Finds places in a text. Takes time in proportion to its length. */
export type Find = (text: string) => Span[]

/** Everything that a regular expression with the flag g matches. It must not be one that goes back over much text. */
export const allMatches = (text: string, pattern: RegExp): Span[] =>
  Array.from(text.matchAll(pattern), ({ index, 0: match }) => ({ from: index, to: index + match.length }))
