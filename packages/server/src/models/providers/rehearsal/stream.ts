import { createHash } from 'node:crypto'
import { textOf } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import type { ModelRequest } from '../../model-request.ts'
import { charactersOf, estimateTokens } from '../../token-estimate.ts'
import type { SpecOf } from '../provider-adapter.ts'
import { chooseTurn } from './choose-turn.ts'
import { fillText, fillValue } from './fill-template.ts'

/** Plays the turn that the script has for these messages: the same messages give the same events, call ids included. */
export function* rehearse(spec: SpecOf<'rehearsal'>, request: ModelRequest): Generator<ModelEvent, void> {
  const { turn, match, turnIndex } = chooseTurn(spec, request.messages)
  const sources = { match, messages: request.messages }
  let characters = 0
  if (turn.text !== undefined) {
    const text = fillText(turn.text, sources)
    characters += text.length
    for (const word of words(text)) yield { type: 'text', text: word }
  }
  for (const [index, call] of (turn.toolCalls ?? []).entries()) {
    const text = JSON.stringify(fillValue(call.arguments, sources))
    characters += text.length
    yield { type: 'tool-call', index, callId: callIdOf(request, turnIndex, index), tool: call.tool }
    yield { type: 'tool-arguments', index, text }
  }
  yield {
    type: 'usage',
    usage: {
      inputTokens: estimateTokens(charactersOf(request)),
      outputTokens: estimateTokens(characters),
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
    },
  }
  yield { type: 'finished', reason: turn.toolCalls?.length ? 'tool-calls' : 'stop' }
}

/** Each word with the blanks after it. */
const words = (text: string): string[] => text.match(/\s*\S+\s*/g) ?? (text ? [text] : [])

function callIdOf(request: ModelRequest, turnIndex: number, index: number): string {
  // The number of messages keeps a repeated last turn from repeating its id, which would join two calls into one.
  const seed = JSON.stringify([request.messages.map(({ role, content }) => [role, textOf(content)]), turnIndex, index])
  return `call_${createHash('sha256').update(seed).digest('hex').slice(0, 24)}`
}
