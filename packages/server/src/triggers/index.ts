export { createTriggers, startTriggers } from './create-triggers.ts'
export { triggerRoutes } from './routes.ts'
export { checkTriggerManifest } from './schedule.ts'
export { requireOwnKeys } from './require-own-keys.ts'
