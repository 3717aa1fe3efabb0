export { createLedger, type Ledger, type Settlement } from './create-ledger.ts'
