import { findPhoneNumbersInText } from 'libphonenumber-js/min'
import { allMatches, type Span } from './span.ts'

// A country has one to three digits, and a number has fifteen at the most. Source: ITU-T E.164.
const candidates = /\+\d(?:[ ()./-]{0,2}\d){6,14}(?!\d)/g

/** Looking one up takes a while. In a text with more than this many, all that look like one are taken for one. */
const lookedUp = 500

/** Telephone numbers in the international form, with a plus: others mean something only in their country. */
export function findPhones(text: string): Span[] {
  const spans = allMatches(text, candidates)
  return spans.length > lookedUp
    ? spans
    : spans.filter(({ from, to }) => findPhoneNumbersInText(text.slice(from, to)).length > 0)
}
