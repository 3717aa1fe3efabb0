export { createBlockedVersions, createToolReviews, type BlockedVersions } from './create-tool-reviews.ts'
export { toolReviewRoutes } from './routes.ts'
export { countOverdue, requireReviewed } from './store.ts'
