import { toolCallsOf } from '../../content.ts'
import type { ModelMessage, ModelRequest, ReasoningWish } from '../../model-request.ts'
import { stateFor } from '../opaque-state.ts'
import type { ModelFamily } from './model-family.ts'

/** Anthropic's least. */
const leastBudget = 1024
const budgetOf: Readonly<Record<string, number>> = { minimal: 1024, low: 2048, medium: 8192, high: 16_384 }
const largestBudget = 24_576

/**
 * The wish to think in the words of the model's maker, for `additionalModelRequestFields`; undefined where the model takes none.
 * Sources: https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html, inference parameters of each model
 */
export function writeReasoning(request: ModelRequest, family: ModelFamily): Record<string, unknown> | undefined {
  const { reasoning } = request
  if (!reasoning) return undefined
  const effort = effortOf(reasoning)
  switch (family.name) {
    case 'claude':
      return effort === 'none' ? {} : claudeThinking(request, reasoning, effort, family.version)
    case 'nova':
      return effort === 'none'
        ? { reasoningConfig: { type: 'disabled' } }
        : { reasoningConfig: { type: 'enabled', maxReasoningEffort: threeStep(effort) } }
    case 'gpt-oss':
      return effort === 'none' ? undefined : { reasoning_effort: threeStep(effort) }
    case 'qwen':
      return effort === 'none' ? {} : { reasoning_config: threeStep(effort) }
    case 'mistral':
    case 'other':
    case 'unknown':
      return undefined
  }
}

function claudeThinking(
  request: ModelRequest,
  { budgetTokens, effort: wished }: ReasoningWish,
  effort: string,
  version: number,
): Record<string, unknown> | undefined {
  // A forced tool cannot be thought about first, and of the two wishes it is the one that changes the answer.
  const { toolChoice = 'auto', maxOutputTokens = Number.POSITIVE_INFINITY } = request
  if (toolChoice !== 'auto' && toolChoice !== 'none') return undefined
  if (version >= 406)
    return {
      thinking: { type: 'adaptive' },
      ...((wished !== undefined || budgetTokens !== undefined) && {
        output_config: { effort: effort === 'minimal' ? 'low' : effort },
      }),
    }
  const wanted = Math.max(leastBudget, budgetTokens ?? budgetOf[effort] ?? largestBudget)
  const budget = Math.min(wanted, maxOutputTokens - 1)
  if (version < 307 || budget < leastBudget || hasUnthoughtCalls(request.messages)) return undefined
  return { thinking: { type: 'enabled', budget_tokens: budget } }
}

/** Whether the turn that is going on began without thoughts that can be handed back: it cannot go on with them. */
function hasUnthoughtCalls(messages: readonly ModelMessage[]): boolean {
  const lastQuestion = messages.findLastIndex(({ role }) => role === 'user')
  return messages
    .slice(lastQuestion + 1)
    .some(
      message =>
        message.role === 'assistant' &&
        toolCallsOf(message.content).length > 0 &&
        !message.content.some(
          part => part.type === 'reasoning' && stateFor(part.state, 'bedrock-converse') !== undefined,
        ),
    )
}

function effortOf({ effort, budgetTokens }: ReasoningWish): string {
  if (effort !== undefined) return effort
  if (budgetTokens === undefined) return 'medium'
  if (budgetTokens <= 0) return 'none'
  if (budgetTokens <= 2048) return 'low'
  return budgetTokens <= 12_288 ? 'medium' : 'high'
}

/** Most models know three steps. */
function threeStep(effort: string): string {
  if (effort === 'minimal') return 'low'
  return effort === 'low' || effort === 'medium' ? effort : 'high'
}
