export { a2aRoutes } from './a2a/routes.ts'
export { agUiRoutes } from './ag-ui/routes.ts'
export { createAgentModels } from './agent-models.ts'
export { mcpRoutes } from './mcp/routes.ts'
