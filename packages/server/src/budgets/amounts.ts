/** What a call uses, in the measures that budgets limit. */
export interface Amounts {
  requests: number
  tokens: number
  nanoUsd: number
}

export const measures = ['requests', 'tokens', 'nanoUsd'] as const

export const nothing: Readonly<Amounts> = { requests: 0, tokens: 0, nanoUsd: 0 }

export const plus = (one: Amounts, other: Amounts): Amounts => ({
  requests: one.requests + other.requests,
  tokens: one.tokens + other.tokens,
  nanoUsd: one.nanoUsd + other.nanoUsd,
})

export const minus = (one: Amounts, other: Amounts): Amounts => ({
  requests: one.requests - other.requests,
  tokens: one.tokens - other.tokens,
  nanoUsd: one.nanoUsd - other.nanoUsd,
})

export const each = (amounts: Amounts, change: (value: number) => number): Amounts => ({
  requests: change(amounts.requests),
  tokens: change(amounts.tokens),
  nanoUsd: change(amounts.nanoUsd),
})

/** Whether there is enough of every measure. */
export const covers = (available: Amounts, wanted: Amounts): boolean =>
  measures.every(measure => available[measure] >= wanted[measure])
