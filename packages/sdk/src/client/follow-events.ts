import { CausewayError, type SessionEvent } from '@causeway/contracts'
import type { ClientRequest, Http } from './create-http.ts'
import { backoffMs, delay } from './delay.ts'
import { PlatformUnreachableError } from './platform-unreachable-error.ts'
import type { StreamItem } from './read-items.ts'

/** Times that a stream is opened again in a row without anything new. */
const resumesAtMost = 20
/** A connection that stood so long was cut by a time limit on the way, not by a failure. */
const steadyMs = 10_000

/** How a log is followed. */
export interface FollowOptions {
  /** How the stream is opened, and opened again as long as it has brought no event. */
  first: { path: string; request: ClientRequest }
  /** Where it goes on after its last event. */
  resume: (last: SessionEvent) => string
  /** Whether it is over with the end of the run. */
  endsWithRun: boolean
  signal?: AbortSignal | undefined
}

/**
 * Follows a stream of events. When it is cut, it goes on after the last event (Last-Event-ID), each event once.
 * @throws CausewayError as the platform reported it; PlatformUnreachableError when 20 attempts in a row brought nothing
 */
export async function* followEvents(
  http: Http,
  { first, resume, endsWithRun, signal }: FollowOptions,
): AsyncGenerator<StreamItem> {
  let last: SessionEvent | undefined
  let opened = false
  for (let failures = 0; ; failures++) {
    const startedAt = Date.now()
    let problem: unknown
    try {
      const response = await open(http, last ? { path: resume(last), request: {} } : first, last, signal)
      opened = true
      // Only who follows a stream loads its parser: pages that do not are smaller without it.
      const { readItems } = await import('./read-items.ts')
      for await (const item of readItems(response)) {
        if ('sequence' in item) {
          if (last && item.sequence <= last.sequence) continue
          last = item
          failures = 0
        }
        yield item
        if (endsWithRun && item.type === 'run-ended') return
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (!opened || (error instanceof CausewayError && !error.retryable)) throw error
      problem = error
    }
    if (Date.now() - startedAt > steadyMs) failures = 0
    if (failures >= resumesAtMost)
      throw new PlatformUnreachableError(`The stream was cut ${resumesAtMost} times in a row.`, { cause: problem })
    await delay(backoffMs(failures, 100, 5000), signal)
  }
}

function open(
  http: Http,
  { path, request }: FollowOptions['first'],
  last: SessionEvent | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const accept = { accept: 'text/event-stream', ...(last && { 'last-event-id': String(last.sequence) }) }
  return http.open(path, { ...request, headers: { ...request.headers, ...accept }, ...(signal && { signal }) })
}
