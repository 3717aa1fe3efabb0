export { createModels, type Clock, type ModelRouter } from './create-models.ts'
export { createStoredResponses, startRemoval } from './responses/index.ts'
export { createModelHandler, type ModelHandler } from './gateway/create-model-handler.ts'
export { createProviderBatches, createProviderFiles, watchBatches } from './batches/index.ts'
export type { AgentCall, AgentModels } from './gateway/agent-models.ts'
export { openSharedAnswers } from './gateway/shared-answers.ts'
export { createShadows } from './gateway/shadows.ts'
export { costRoutes } from './calls/cost-routes.ts'
export { modelCallRoutes } from './calls/call-routes.ts'
export { insertCalls } from './calls/call-store.ts'
export { feedbackRoutes } from './feedback/feedback-routes.ts'
export { createScoreSums } from './feedback/score-sums.ts'
export type { CallingSession, CallUse, ModelCaller, ModelCallRecord, ModelCallSubject, ModelPorts } from './ports.ts'
export { checkRouteManifest } from './routing/route-rule.ts'
export {
  assistantMessage,
  systemMessage,
  toolMessage,
  userMessage,
  type ModelMessage,
  type ModelRequest,
  type ModelTool,
  type ToolChoice,
} from './model-request.ts'
export { textOf } from './content.ts'
export { contentCharacters, estimateTokens } from './token-estimate.ts'
export type { ModelEvent } from './model-event.ts'
export type { FinishReason, ModelResponse } from './model-response.ts'
export type { CallOptions, Models } from './models.ts'
export type { CallEstimate } from './prices/price-call.ts'
