import type { AnswerHead } from '../dialect.ts'
import { isRecord } from '../head-members.ts'

/** What changes in the course of an answer. */
export interface ResponseProgress {
  id: string
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  output: readonly unknown[]
  incomplete_details?: unknown
  error?: unknown
  usage?: unknown
}

/**
 * A response with what its request said, and the dialect's defaults where it said nothing. Every field that the schema
 * requires is there. Source: https://www.openresponses.org/reference (ResponseResource)
 */
export function responseObject(head: AnswerHead, progress: ResponseProgress): Record<string, unknown> {
  const { request } = head
  const { status } = progress
  const ended = status === 'completed' || status === 'incomplete'
  return {
    id: progress.id,
    object: 'response',
    created_at: head.created,
    completed_at: ended ? Math.floor(Date.now() / 1000) : null,
    status,
    background: false,
    error: progress.error ?? null,
    incomplete_details: progress.incomplete_details ?? null,
    instructions: request['instructions'] ?? null,
    max_output_tokens: request['max_output_tokens'] ?? null,
    max_tool_calls: request['max_tool_calls'] ?? null,
    model: head.model,
    output: progress.output,
    parallel_tool_calls: request['parallel_tool_calls'] ?? true,
    previous_response_id: request['previous_response_id'] ?? null,
    prompt_cache_key: request['prompt_cache_key'] ?? null,
    reasoning: { effort: null, summary: null, ...recordOf(request['reasoning']) },
    safety_identifier: request['safety_identifier'] ?? null,
    service_tier: request['service_tier'] ?? 'default',
    store: request['store'] ?? true,
    temperature: request['temperature'] ?? 1,
    text: { format: { type: 'text' }, ...recordOf(request['text']) },
    tool_choice: request['tool_choice'] ?? 'auto',
    tools: Array.isArray(request['tools']) ? request['tools'].map(repeatTool) : [],
    top_logprobs: request['top_logprobs'] ?? 0,
    top_p: request['top_p'] ?? 1,
    presence_penalty: request['presence_penalty'] ?? 0,
    frequency_penalty: request['frequency_penalty'] ?? 0,
    truncation: request['truncation'] ?? 'disabled',
    usage: progress.usage ?? null,
    user: request['user'] ?? null,
    metadata: recordOf(request['metadata']),
  }
}

const recordOf = (value: unknown): Record<string, unknown> => (isRecord(value) && !Array.isArray(value) ? value : {})

/** A function with the fields that a request may leave out. */
const repeatTool = (tool: unknown): unknown =>
  isRecord(tool) && tool['type'] === 'function' ? { description: null, parameters: null, strict: null, ...tool } : tool
