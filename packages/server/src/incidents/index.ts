export { createIncidents, type Incidents } from './create-incidents.ts'
export { incidentRoutes } from './routes.ts'
