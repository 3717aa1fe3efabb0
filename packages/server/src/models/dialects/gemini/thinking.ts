import type { ReasoningWish } from '../../model-request.ts'
import type { ModelAbilities } from './model-generation.ts'

// Source: https://ai.google.dev/gemini-api/docs/thinking and, for what stands for which effort,
// https://ai.google.dev/gemini-api/docs/openai#thinking

const budgets: Readonly<Record<string, number>> = { none: 0, minimal: 1024, low: 1024, medium: 8192 }
const highBudget = 24_576

const levels: Readonly<Record<string, string>> = { none: 'MINIMAL', minimal: 'MINIMAL', low: 'LOW', medium: 'MEDIUM' }
const coarse: Readonly<Record<string, string>> = { MINIMAL: 'LOW', MEDIUM: 'HIGH' }

/** The wish as a thinkingConfig; undefined for a model that does not think. */
export function writeThinking(
  { effort, budgetTokens, show }: ReasoningWish,
  { thinking, leastBudget, coarseLevels }: ModelAbilities,
): Record<string, unknown> | undefined {
  if (thinking === 'none') return undefined
  const shown = show === undefined ? {} : { includeThoughts: show }
  if (budgetTokens !== undefined) return { thinkingBudget: Math.max(leastBudget, budgetTokens), ...shown }
  if (effort === undefined) return shown
  if (thinking === 'budget') return { thinkingBudget: Math.max(leastBudget, budgets[effort] ?? highBudget), ...shown }
  const level = levels[effort] ?? 'HIGH'
  return { thinkingLevel: (coarseLevels && coarse[level]) || level, ...shown }
}
