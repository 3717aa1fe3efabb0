export { createObjectives, startWatchingObjectives, type Objectives } from './create-objectives.ts'
export { objectiveRoutes } from './routes.ts'
export { countAllFiring, deleteOldOutcomes } from './store.ts'
