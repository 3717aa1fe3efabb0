import type { ModelEvent } from '../../model-event.ts'
import { cutOff } from '../../provider-failure.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { readCitation } from './citation.ts'
import { finishedEvent } from './finish-reason.ts'
import { callEvents } from './read-stream.ts'
import { planState, thinkingState } from './reasoning-state.ts'
import { usageEvent } from './usage.ts'
import { WireAnswer } from './wire.ts'

/** The events of a whole answer. */
export function readCohereAnswer(provider: string, body: unknown): ModelEvent[] {
  const parsed = WireAnswer.safeParse(body)
  if (!parsed.success) throw streamedError(provider, { message: 'the answer could not be read' }, parsed.error)
  const { id, message, usage, finish_reason: reason } = parsed.data
  if (!message) throw cutOff(provider)
  const { tool_plan: plan, content, tool_calls: calls, citations } = message
  return [
    { type: 'started', ...(id && { id }) },
    ...(plan ? thought(plan, planState) : []),
    ...(content ?? []).flatMap(({ text, thinking }, index): ModelEvent[] => [
      ...(index > 0 ? [{ type: 'break' } as const] : []),
      ...(thinking ? thought(thinking, thinkingState) : []),
      ...(text ? [{ type: 'text', text } as const] : []),
    ]),
    ...(citations?.length ? [{ type: 'citations', citations: citations.map(readCitation) } as const] : []),
    ...(calls ?? []).flatMap((call, index) => [...callEvents(call, index)]),
    ...(usage ? [usageEvent(usage)] : []),
    finishedEvent(provider, reason ?? 'COMPLETE'),
  ]
}

const thought = (text: string, state: typeof planState): ModelEvent[] => [
  { type: 'reasoning', text },
  { type: 'reasoning-state', state },
  { type: 'break' },
]
