import { allMatches, type Span } from './span.ts'

const unseen = String.raw`\u200B-\u200D\u2060-\u2064\uFEFF\u00AD\u180E`

const patterns = [
  // Tags (Unicode 16, chapter 23.9), which spell out ASCII, anywhere but in the flags of countries' parts (UTS 51, section 1.4.9).
  /(?<!\u{1F3F4})(?<![\u{E0020}-\u{E007F}])[\u{E0000}-\u{E007F}]+/gu,
  // Several variation selectors, which spell out bytes; a character has one at most.
  /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]{2,}/gu,
  // Text that is shown in another order than it is read (UAX 9, section 2.2).
  /[\u202D\u202E]/gu,
  new RegExp(`(?<=[A-Za-z])[${unseen.replace(String.raw`\u00AD`, '')}]+(?=[A-Za-z])`, 'gu'),
  new RegExp(`[${unseen}]{4,}`, 'gu'),
]

/** Characters that people do not see and models read, where they are more than what scripts and emoji need. */
export const findHiddenText = (text: string): Span[] =>
  patterns.flatMap(pattern => allMatches(text, pattern)).toSorted((one, other) => one.from - other.from)
