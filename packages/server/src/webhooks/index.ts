export { createWebhooks, startWebhooks } from './create-webhooks.ts'
export { webhookRoutes } from './routes.ts'
export { signerOf } from './signer.ts'
export { deleteOldDeliveries } from './store.ts'
