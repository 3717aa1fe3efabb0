import type { Attributes } from '@opentelemetry/api'

/**
 * Names of the OpenTelemetry semantic conventions for generative AI. They are still in development, so that they stand here and
 * nowhere else; a new revision gets a new table.
 */
const names2026 = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cachedInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  toolName: 'gen_ai.tool.name',
  toolCallId: 'gen_ai.tool.call.id',
  toolType: 'gen_ai.tool.type',
  agentName: 'gen_ai.agent.name',
  agentVersion: 'gen_ai.agent.version',
  conversation: 'gen_ai.conversation.id',
  errorType: 'error.type',
} as const

/** The table in use. */
const names = names2026

/** Span attributes of a model call. */
export function modelCallAttributes(call: {
  route: string
  response?: {
    provider: string
    model: string
    rehearsal: boolean
    finishReason: string
    usage: { inputTokens: number; outputTokens: number; cachedInputTokens: number }
    cost: { nanoUsd: number }
    attempts: number
  }
}): Attributes {
  const { route, response } = call
  return {
    [names.operation]: 'chat',
    [names.requestModel]: route,
    ...(response && {
      [names.provider]: response.provider,
      [names.responseModel]: response.model,
      [names.finishReasons]: [response.finishReason],
      [names.inputTokens]: response.usage.inputTokens,
      [names.outputTokens]: response.usage.outputTokens,
      [names.cachedInputTokens]: response.usage.cachedInputTokens,
      'causeway.rehearsal': response.rehearsal,
      'causeway.cost.nano_usd': response.cost.nanoUsd,
      'causeway.attempts': response.attempts,
    }),
  }
}

/** Span attributes of a tool call. */
export const toolCallAttributes = (call: {
  tool: string
  toolVersion: string
  callId: string
  outcome: string
  attempts: number
}): Attributes => ({
  [names.operation]: 'execute_tool',
  [names.toolName]: call.tool,
  [names.toolCallId]: call.callId,
  [names.toolType]: 'function',
  'causeway.tool.version': call.toolVersion,
  'causeway.tool.outcome': call.outcome,
  'causeway.attempts': call.attempts,
})

/** Span attributes of a run. */
export const runAttributes = (run: {
  agent: string
  agentVersion: string
  sessionId: string
  id: string
  status: string
  reason: string
}): Attributes => ({
  [names.operation]: 'invoke_agent',
  [names.agentName]: run.agent,
  [names.agentVersion]: run.agentVersion,
  [names.conversation]: run.sessionId,
  'causeway.run.id': run.id,
  'causeway.run.status': run.status,
  'causeway.run.reason': run.reason,
})

/** Name of the attribute that carries the class of an error. */
export const errorTypeAttribute = names.errorType
