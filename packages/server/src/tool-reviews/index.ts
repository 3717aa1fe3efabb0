export { createBlockedVersions, createToolReviews, type BlockedVersions } from './create-tool-reviews.ts'
export { toolReviewRoutes } from './routes.ts'
export { requireReviewed } from './store.ts'
