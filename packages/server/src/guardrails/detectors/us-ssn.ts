import { allMatches, type Span } from './span.ts'

// Areas 000, 666 and 9xx, group 00 and serial 0000 are never given. Source: SSA, "Social Security Number Randomization".
const number = /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g

export const findSsns = (text: string): Span[] => allMatches(text, number)
