import type { BurnSeverity } from '@causeway/contracts'

/** What was good and bad in some time. */
export interface Outcomes {
  good: number
  bad: number
}

/** When an error budget burns too fast: so much of it is gone in so many hours. */
interface BurnRule {
  severity: BurnSeverity
  hours: number
  share: number
}

/**
 * Alerts on several windows and burn rates. Source: The Site Reliability Workbook (Google, 2018), chapter 5, section "Multiwindow,
 * Multi-Burn-Rate Alerts", table 5-8; the shares of the budget are those of table 5-6.
 */
export const burnRules: readonly BurnRule[] = [
  { severity: 'page', hours: 1, share: 0.02 },
  { severity: 'page', hours: 6, share: 0.05 },
  { severity: 'ticket', hours: 72, share: 0.1 },
]

/** Fewer that are bad make no alert: one that fails at night, when there is nothing else, would be half of all. */
const leastBad = 3

/** An objective that allows much would never be alerted of: when so many of all fail, it always is. */
const alwaysTooMany = 0.8

/** How much may be bad, of one. */
export const allowedShare = (target: number): number => (100 - target) / 100

/** How fast an error budget burns: at 1 it is used up at the end of its window. */
export function burnRate({ good, bad }: Outcomes, target: number): number {
  const all = good + bad
  return all === 0 ? 0 : bad / all / allowedShare(target)
}

/** The rate from which a rule makes an alert. It is never below 1, at which nothing is lost. */
export const thresholdOf = ({ hours, share }: BurnRule, target: number, windowDays: number): number =>
  Math.max(1, Math.min((share * windowDays * 24) / hours, alwaysTooMany / allowedShare(target)))

/** Whether an alert fires: the budget has burnt too fast over the whole window of the rule, and still does. */
export const isBurning = (rate: number, recentRate: number, threshold: number, { bad }: Outcomes): boolean =>
  rate >= threshold && recentRate >= threshold && bad >= leastBad
