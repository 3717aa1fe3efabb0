export { joinAlike } from './join-alike.ts'
export { createAudit, type Audit, type AuditRecord } from './create-audit.ts'
export { auditRoutes } from './routes.ts'
export { shadowImpact, startAuditLog } from './store.ts'
