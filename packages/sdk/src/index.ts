export { createClient, type Client } from './client/create-client.ts'
export type { ClientOptions } from './client/create-http.ts'
export type { FollowFrom, StartOptions } from './client/create-runs.ts'
export type { StreamItem } from './client/read-items.ts'
export {
  governedTools,
  type GovernedTool,
  type GovernedTools,
  type GovernedToolsOptions,
} from './client/governed-tools.ts'
export { PlatformUnreachableError } from './client/platform-unreachable-error.ts'
export {
  agent,
  budget,
  guardrail,
  memoryStore,
  toolServer,
  policy,
  provider,
  route,
  serviceLevelObjective,
  trigger,
  webhook,
} from './define.ts'
export {
  tool,
  type DefinedTool,
  type HttpToolDefinition,
  type ServedTool,
  type ToolContext,
  type ToolDefinition,
} from './define-tool.ts'
export { worker, type RunningWorker, type WorkerOptions } from './worker/start-worker.ts'
export { CausewayError } from '@causeway/contracts'
