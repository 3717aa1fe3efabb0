export { createFreezes, type Freezes } from './create-freezes.ts'
export { freezeRoutes } from './routes.ts'
