export { createAgentModels } from './agent-models/create-agent-models.ts'
export { mcpRoutes } from './mcp/routes.ts'
