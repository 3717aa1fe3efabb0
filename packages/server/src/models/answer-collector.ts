import type { TokenUsage } from '@causeway/contracts'
import type { OutputPart, ReasoningPart, RefusalPart, TextPart } from './content.ts'
import type { ModelEvent, ReportedBilling } from './model-event.ts'
import type { FinishReason } from './model-response.ts'
import { contentCharacters, estimateTokens } from './token-estimate.ts'
import { readToolArguments } from './tool-arguments.ts'

/** What a model has said so far. */
export interface CollectedAnswer {
  /** What the provider calls this answer and the model that gave it, where it says. */
  id: string | undefined
  model: string | undefined
  content: OutputPart[]
  finishReason: FinishReason | undefined
  stopSequence: string | undefined
  usage: TokenUsage
  /** Whether `usage` was reckoned from characters, because the provider did not count or did not get that far. */
  usageEstimated: boolean
  billing: ReportedBilling | undefined
}

export interface AnswerCollector {
  add(event: ModelEvent): void
  answer(): CollectedAnswer
}

type OpenPart =
  | OutputPart
  | { type: 'open-call'; index: number; pieces: string[]; part: OutputPart & { type: 'tool-call' } }

/** Gathers the events of one answer. It can be read at any time, so that a broken or abandoned answer can be settled too. */
export function createAnswerCollector({ inputCharacters }: { inputCharacters: number }): AnswerCollector {
  const parts: OpenPart[] = []
  let open: OutputPart | undefined
  const head: { id: string | undefined; model: string | undefined } = { id: undefined, model: undefined }
  let usage: TokenUsage | undefined
  let billing: ReportedBilling | undefined
  let finishReason: FinishReason | undefined
  let stopSequence: string | undefined

  const begin = <Part extends OutputPart>(part: Part): Part => {
    parts.push(part)
    open = part
    return part
  }
  const content = (): OutputPart[] =>
    parts.map(part =>
      part.type === 'open-call' ? { ...part.part, arguments: readToolArguments(part.pieces.join('')) } : part,
    )
  const estimated = (): TokenUsage => ({
    inputTokens: usage?.inputTokens || estimateTokens(inputCharacters),
    outputTokens: estimateTokens(contentCharacters(content())),
    cachedInputTokens: usage?.cachedInputTokens ?? 0,
    cacheWriteTokens: usage?.cacheWriteTokens ?? 0,
    reasoningTokens: 0,
  })

  return {
    add(event) {
      switch (event.type) {
        case 'started':
          head.id = event.id ?? head.id
          head.model = event.model ?? head.model
          break
        case 'text': {
          const part = open?.type === 'text' ? open : begin<TextPart>({ type: 'text', text: '' })
          part.text += event.text
          if (event.state) part.state = event.state
          break
        }
        case 'refusal': {
          const part = open?.type === 'refusal' ? open : begin<RefusalPart>({ type: 'refusal', text: '' })
          part.text += event.text
          break
        }
        case 'reasoning': {
          const part = open?.type === 'reasoning' ? open : begin<ReasoningPart>({ type: 'reasoning', text: '' })
          part.text += event.text
          break
        }
        case 'reasoning-state': {
          const part = open?.type === 'reasoning' ? open : begin<ReasoningPart>({ type: 'reasoning', text: '' })
          if (event.id !== undefined) part.id = event.id
          if (event.state) part.state = event.state
          break
        }
        case 'citations': {
          const part = open?.type === 'text' ? open : begin<TextPart>({ type: 'text', text: '' })
          part.citations = [...(part.citations ?? []), ...event.citations]
          break
        }
        case 'tool-call': {
          const { index, callId, tool, state } = event
          const part = { type: 'tool-call', callId, tool, arguments: {}, ...(state && { state }) } as const
          parts.push({ type: 'open-call', index, pieces: [], part })
          open = undefined
          break
        }
        case 'tool-arguments': {
          const call = parts.findLast(part => part.type === 'open-call' && part.index === event.index)
          if (call?.type === 'open-call') call.pieces.push(event.text)
          break
        }
        case 'media':
        case 'foreign':
          begin(event.part)
          open = undefined
          break
        case 'break':
          open = undefined
          break
        case 'usage':
          usage = event.usage
          billing = event.billing ?? billing
          break
        case 'finished':
          finishReason = event.reason
          stopSequence = event.stopSequence
          break
      }
    },
    answer() {
      // Before the end a provider has counted the input at most, and its output figure is a placeholder.
      const usageEstimated = usage === undefined || finishReason === undefined
      return {
        ...head,
        content: content(),
        finishReason,
        stopSequence,
        usage: usageEstimated || !usage ? estimated() : usage,
        usageEstimated,
        billing,
      }
    },
  }
}

/** A whole answer, gathered from its events. */
export function collectAnswer(
  events: Iterable<ModelEvent>,
  { inputCharacters = 0 }: { inputCharacters?: number } = {},
): CollectedAnswer {
  const collector = createAnswerCollector({ inputCharacters })
  for (const event of events) collector.add(event)
  return collector.answer()
}
