export { createWebhooks, startWebhooks } from './create-webhooks.ts'
export { webhookRoutes } from './routes.ts'
export { deleteOldDeliveries } from './store.ts'
