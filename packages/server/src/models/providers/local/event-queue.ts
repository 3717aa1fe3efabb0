/** Turns what is reported by callbacks into something that can be read with `for await`. */
export interface EventQueue<Event> extends AsyncIterable<Event> {
  push(event: Event): void
  /** Ends the reading, after what was pushed before. */
  end(error?: Error): void
}

export function createEventQueue<Event>(): EventQueue<Event> {
  const waiting: Event[] = []
  let outcome: { error: Error | undefined } | undefined
  let wake: (() => void) | undefined
  return {
    push(event) {
      waiting.push(event)
      wake?.()
    },
    end(error) {
      outcome ??= { error }
      wake?.()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        yield* waiting.splice(0)
        if (waiting.length > 0) continue
        if (outcome?.error) throw outcome.error
        if (outcome) return
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    },
  }
}
