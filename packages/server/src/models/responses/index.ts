export { createStoredResponses, type ResolvedRequest, type StoredResponses } from './stored-responses.ts'
export { startRemoval } from './removal.ts'
