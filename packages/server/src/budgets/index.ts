export { budgetStates } from './budget-states.ts'
export type { Spender } from './applying-budgets.ts'
export { createLedger, type Held, type Ledger, type Settlement } from './create-ledger.ts'
export { BudgetExceeded, createQuotas, type Quotas } from './create-quotas.ts'
