import type { Span } from './span.ts'

/** How many characters the number of each country has. Source: SWIFT, IBAN registry (ISO 13616). */
const lengths: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BI: 27,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DJ: 27,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FK: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HN: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MN: 20,
  MR: 27,
  MT: 31,
  MU: 30,
  NI: 28,
  NL: 18,
  NO: 15,
  OM: 23,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  RU: 33,
  SA: 24,
  SC: 31,
  SD: 18,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  SO: 23,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
  YE: 30,
}

const begin = /(?<![a-z\d])([a-z]{2})\d{2}/gi

/** International bank account numbers whose check digits are right, written together or in groups. */
export function findIbans(text: string): Span[] {
  const found: Span[] = []
  for (const { index, 1: country = '' } of text.matchAll(begin)) {
    const to = endOf(text, index, lengths[country.toUpperCase()] ?? 0)
    if (to !== undefined && isRight(text.slice(index, to))) found.push({ from: index, to })
  }
  return found
}

/** Where so many letters and digits end, with one blank or hyphen between them at most. */
function endOf(text: string, from: number, length: number): number | undefined {
  let at = from
  for (let seen = 0; seen < length; at++) {
    const character = text[at] ?? ''
    if (/[a-z\d]/i.test(character)) seen++
    else if (!/[ -]/.test(character) || !/[a-z\d]/i.test(text[at - 1] ?? '')) return undefined
  }
  return length === 0 || /[a-z\d]/i.test(text[at] ?? '') ? undefined : at
}

/** Source: ISO 13616-1, with the check of ISO/IEC 7064 (mod 97-10). */
function isRight(written: string): boolean {
  const compact = written.replaceAll(/[ -]/g, '').toUpperCase()
  const digits = (compact.slice(4) + compact.slice(0, 4)).replaceAll(/[A-Z]/g, letter => String(parseInt(letter, 36)))
  let rest = 0
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97
  return rest === 1
}
