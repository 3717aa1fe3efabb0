import type { AnswerHead } from '../dialect.ts'

/** The ids of a response and of its items. They are the same however often an answer is written. */
export interface Ids {
  response: string
  item(prefix: string, index: number): string
}

const indexDigits = 4

export function idsOf({ requestId }: AnswerHead): Ids {
  const hex = requestId.replaceAll('-', '')
  return {
    response: `resp_${hex}`,
    item: (prefix, index) => `${prefix}_${hex}${index.toString(16).padStart(indexDigits, '0')}`,
  }
}

/** Whether an id of thoughts was given here; no provider knows it. */
export const isOwnReasoningId = (id: string): boolean => /^rs_[0-9a-f]{36}$/.test(id)
