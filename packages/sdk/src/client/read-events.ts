import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** The platform sends a comment every 15 seconds: when three did not come, the connection is dead, whatever TCP says. */
const silenceAtMostMs = 50_000

/**
 * The server-sent events of an answer, one after the other (WHATWG HTML, "Server-sent events").
 * @throws Error when nothing comes for 50 s, or as reading the body does
 */
export async function* readEvents(
  response: Response,
  silenceMs: number = silenceAtMostMs,
): AsyncGenerator<EventSourceMessage> {
  if (!response.body) return
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const complete: EventSourceMessage[] = []
  const parser = createParser({ onEvent: message => complete.push(message) })
  try {
    for (;;) {
      const { done, value } = await within(silenceMs, reader.read())
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
      yield* complete.splice(0)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function within<Result>(milliseconds: number, result: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`nothing came over the stream for ${milliseconds / 1000} s`)),
      milliseconds,
    )
    result.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
