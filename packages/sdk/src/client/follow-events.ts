import { CausewayError, LiveFrame, SessionEvent } from '@causeway/contracts'
import { delay, PlatformUnreachableError, type ClientRequest, type Http } from './create-http.ts'

/** What a stream of a run carries: its events, and between them what is never stored. */
export type StreamItem = SessionEvent | LiveFrame

const resumesAtMost = 20

/**
 * Follows a stream of events. When it is cut, it is opened again from the last event, at most 20 times in a row without progress.
 * @param first how the stream is opened
 * @param resume where it goes on after a cut
 */
export async function* followEvents(
  http: Http,
  first: { path: string; request: ClientRequest },
  resume: (last: SessionEvent) => string,
  signal?: AbortSignal,
): AsyncGenerator<StreamItem> {
  let last: SessionEvent | undefined
  let { path, request } = first
  for (let failures = 0; ; failures++) {
    try {
      const accept = { accept: 'text/event-stream', ...(last && { 'last-event-id': String(last.sequence) }) }
      const response = await http.open(path, {
        ...request,
        headers: { ...request.headers, ...accept },
        ...(signal && { signal }),
      })
      // Only who follows a stream loads its parser: pages that do not are smaller without it.
      const { readEvents } = await import('./read-events.ts')
      for await (const { event, data } of readEvents(response)) {
        const item = parseItem(event, data)
        if (!item) continue
        if ('sequence' in item) {
          last = item
          failures = 0
        }
        yield item
        if (item.type === 'run-ended') return
      }
    } catch (error) {
      signal?.throwIfAborted()
      const passing = error instanceof PlatformUnreachableError || !(error instanceof CausewayError) || error.retryable
      if (!last || !passing || failures >= resumesAtMost) throw error
    }
    if (!last) throw new CausewayError('internal', 'The stream ended before its first event.')
    ;({ path, request } = { path: resume(last), request: {} })
    await delay(Math.min(5000, 100 * 2 ** failures), signal)
  }
}

function parseItem(event: string | undefined, data: string): StreamItem | undefined {
  const parsed: unknown = JSON.parse(data)
  if (event === 'model-started' || event === 'text-delta') return LiveFrame.parse(parsed)
  // An event of a type that this version does not know is skipped: the log only grows.
  return SessionEvent.safeParse(parsed).data
}
