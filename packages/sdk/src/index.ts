export { createClient, type Client } from './client/create-client.ts'
export { PlatformUnreachableError, type ClientOptions } from './client/create-http.ts'
export type { StreamItem } from './client/follow-events.ts'
export {
  agent,
  policy,
  provider,
  route,
  tool,
  type ServedTool,
  type ToolContext,
  type ToolDefinition,
} from './define.ts'
export { worker, type RunningWorker, type WorkerOptions } from './worker/start-worker.ts'
export { CausewayError } from '@causeway/contracts'
