export { createEgress, type Egress } from './create-egress.ts'
