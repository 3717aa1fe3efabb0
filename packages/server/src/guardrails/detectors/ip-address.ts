import { isIP } from 'node:net'
import { allMatches, type Span } from './span.ts'

/** The characters of an address; one of IPv6 may end in one of IPv4. */
const candidates = /(?<![\w:.])[\da-f:]{1,39}(?:\.\d{1,3}){0,3}(?![\w:]|\.\w)/gi
const fourNumbers = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\w)/g

/** Addresses of IPv4 and IPv6. */
export function findIpAddresses(text: string): Span[] {
  const isAddress = ({ from, to }: Span): boolean => to - from > 2 && isIP(text.slice(from, to)) !== 0
  const whole = allMatches(text, candidates).filter(isAddress)
  // "at:10.0.0.1" is none as a whole.
  const known = new Set(whole.map(({ to }) => to))
  return [...whole, ...allMatches(text, fourNumbers).filter(span => !known.has(span.to) && isAddress(span))]
}
