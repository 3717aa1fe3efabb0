export { compiledManifests } from './compiled-manifests.ts'
export { createManifests, type Manifests } from './create-manifests.ts'
export type { AdmissionCheck } from './plan-changes.ts'
export { manifestRoutes } from './routes.ts'
