import type { Span } from './span.ts'

/** Groups of digits with one blank or hyphen between them. */
const digitGroups = /(?<![\w.,])\d{1,19}(?:[ -]\d{1,19})*(?!\w|[.,]\d)/g

/** Digits of a card number. Source: ISO/IEC 7812-1; the shortest in use have 12. */
const shortest = 12
const longest = 19

/** Numbers of payment cards whose check digit is right, written together or in groups. */
export function findPaymentCards(text: string): Span[] {
  return Array.from(text.matchAll(digitGroups)).flatMap(({ index, 0: run }) =>
    run.length < shortest ? [] : cardsIn(run).map(({ from, to }) => ({ from: index + from, to: index + to })),
  )
}

/** Other numbers may stand before and after a card number, such as the month in which it expires. */
function cardsIn(run: string): Span[] {
  const groups = Array.from(run.matchAll(/\d+/g), ({ index, 0: digits }) => ({ from: index, digits }))
  const found: Span[] = []
  for (let first = 0; first < groups.length; first++) {
    let digits = ''
    for (let last = first; last < groups.length && digits.length < longest; last++) {
      const group = groups[last]
      digits += group?.digits ?? ''
      const sizes = groups.slice(first, last + 1).map(each => each.digits.length)
      if (!group || !isGrouped(sizes)) break
      if (digits.length < shortest || digits.length > longest || !isCard(digits)) continue
      found.push({ from: groups[first]?.from ?? 0, to: group.from + group.digits.length })
      first = last
      break
    }
  }
  return found
}

/** As it stands on cards: in fours, or as 4-6-5 and 4-6-4. */
const isGrouped = (sizes: readonly number[]): boolean =>
  sizes.length === 1 || sizes.slice(0, -1).every(size => size === 4) || /^4,6,[45]$/.test(sizes.join())

/** Cards begin with 2 to 6, and their last digit makes the sum right. Source: ISO/IEC 7812-1, annex B (Luhn). */
function isCard(digits: string): boolean {
  if (!/^[2-6]/.test(digits) || /^(\d)\1*$/.test(digits)) return false
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place])
    sum += place % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}
