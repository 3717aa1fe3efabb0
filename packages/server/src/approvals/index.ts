export { createApprovals, type Approvals } from './create-approvals.ts'
export { startExpiry } from './expiry.ts'
export { listApprovals } from './store.ts'
export { approvalRoutes } from './routes.ts'
