import { mapStrings } from '../../guardrails/index.ts'
import type { ModelEvent } from '../model-event.ts'
import type { CallGuard } from './call-guard.ts'
import { createTextWindow } from './text-window.ts'

type TextEvent = Extract<ModelEvent, { type: 'text' | 'reasoning' | 'refusal' }>

/**
 * An answer as the client may have it. Text is held back as long as something may be found in it, and the arguments of a
 * tool call until they are whole.
 * @throws CausewayError guardrail-blocked, and what reading the answer throws
 */
export async function* guardEvents(
  events: AsyncIterable<ModelEvent>,
  guard: CallGuard,
): AsyncGenerator<ModelEvent, void> {
  let open: { type: TextEvent['type']; window: ReturnType<typeof createTextWindow> } | undefined
  const calls = new Map<number, string[]>()

  function* closeText(): Generator<ModelEvent, void> {
    const text = open?.window.end()
    if (open && text) yield { type: open.type, text }
    open = undefined
  }
  function* closeCalls(): Generator<ModelEvent, void> {
    for (const [index, pieces] of calls)
      yield { type: 'tool-arguments', index, text: guardArguments(pieces.join(''), guard) }
    calls.clear()
  }

  function noteArguments({ index, text }: Extract<ModelEvent, { type: 'tool-arguments' }>): void {
    const before = calls.get(index)
    if (before) before.push(text)
    else calls.set(index, [text])
  }

  for await (const event of events) {
    switch (event.type) {
      case 'text':
      case 'reasoning':
      case 'refusal': {
        if (open?.type !== event.type) yield* closeText()
        open ??= { type: event.type, window: createTextWindow(guard) }
        const text = open.window.push(event.text)
        if (text || ('state' in event && event.state)) yield { ...event, text }
        break
      }
      case 'tool-arguments':
        noteArguments(event)
        break
      case 'usage':
      case 'started':
        yield event
        break
      case 'break':
      case 'citations':
      case 'finished':
      case 'foreign':
      case 'media':
      case 'reasoning-state':
      case 'tool-call':
        yield* closeText()
        yield* closeCalls()
        yield event.type === 'citations' || event.type === 'foreign'
          ? mapStrings(event, text => guardText(text, guard))
          : event
    }
  }
  yield* closeText()
  yield* closeCalls()
}

const guardText = (text: string, guard: CallGuard): string => guard.output(text, guard.look(text))

function guardArguments(text: string, guard: CallGuard): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return guardText(text, guard)
  }
  const allowed = mapStrings(value, each => guardText(each, guard))
  return allowed === value ? text : JSON.stringify(allowed)
}
