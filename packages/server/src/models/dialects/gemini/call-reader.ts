import { createHash } from 'node:crypto'
import type { OpaqueState } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import { createPartialArguments, type PartialArguments } from './partial-arguments.ts'
import type { WireFunctionCall } from './wire.ts'

/**
 * An id for a call that has none, which is the same whenever the call is read and differs from those of other answers.
 * Gemini's API has had ids since its third generation only.
 */
export const derivedCallId = (...of: unknown[]): string =>
  `call_${createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 24)}`

interface OpenCall {
  index: number
  pieces: PartialArguments
}

/** Reads the tool calls of one answer, whole ones and those whose arguments are streamed. */
export interface CallReader {
  read(
    call: WireFunctionCall,
    state: OpaqueState | undefined,
    answerId: string | undefined,
  ): Generator<ModelEvent, void>
  /** Ends a call whose last piece is missing. */
  finish(): Generator<ModelEvent, void>
  /** How many calls have begun. */
  count(): number
}

export function createCallReader(): CallReader {
  let count = 0
  let open: OpenCall | undefined

  function* finish(): Generator<ModelEvent, void> {
    if (open) yield { type: 'tool-arguments', index: open.index, text: open.pieces.text() }
    open = undefined
  }

  return {
    count: () => count,
    finish,
    *read(call, state, answerId) {
      if (call.name) {
        yield* finish()
        const index = count++
        const callId = call.id || derivedCallId(answerId, index, call.name, call.args)
        yield { type: 'tool-call', index, callId, tool: call.name, ...(state && { state }) }
        if (call.willContinue || call.partialArgs) open = { index, pieces: createPartialArguments() }
        else yield { type: 'tool-arguments', index, text: JSON.stringify(call.args ?? {}) }
      }
      for (const piece of call.partialArgs ?? []) open?.pieces.add(piece)
      if (!call.willContinue) yield* finish()
    },
  }
}
