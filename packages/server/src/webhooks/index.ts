export { createWebhooks, startWebhooks, type OtherMessages } from './create-webhooks.ts'
export { webhookRoutes } from './routes.ts'
export { signerOf } from './signer.ts'
export { deleteOldDeliveries } from './store.ts'
