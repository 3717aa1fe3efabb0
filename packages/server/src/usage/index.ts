export { usageRoutes } from './usage-routes.ts'
export { startRetention } from './retention.ts'
