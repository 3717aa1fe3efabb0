export { createProviderBatches, type ProviderBatches } from './provider-batches.ts'
export { createProviderFiles, type ProviderFiles } from './provider-files.ts'
export type { ListOptions } from './store.ts'
export { watchBatches } from './watch-batches.ts'
