import {
  hasEnded,
  type CreateRun,
  type EventPage,
  type Run,
  type RunQuery,
  type SessionEvent,
} from '@causeway/contracts'
import type { Http } from './create-http.ts'
import { followEvents, type StreamItem } from './follow-events.ts'
import { listing, type FiltersOf } from './list-pages.ts'
import { pathOf } from './path-of.ts'

/** How a run is started. */
export interface StartOptions {
  /** Stops waiting; the run goes on. */
  signal?: AbortSignal | undefined
  /** The same key starts the same run once, however often it is sent. Default: a new key, kept for the retries of this call. */
  idempotencyKey?: string | undefined
}

/** Where an event log is read from. */
export interface FollowFrom {
  /** Only events with a larger sequence number. */
  after?: number | undefined
  signal?: AbortSignal | undefined
}

type StartRun = Omit<CreateRun, 'wait' | 'stream'>

/** The runs of the environment. */
export function createRuns(http: Http) {
  const eventsPath = (id: string): string => `${pathOf('/v1/runs', id)}/events`
  const start = (body: CreateRun, { signal, idempotencyKey = crypto.randomUUID() }: StartOptions) => ({
    method: 'POST' as const,
    body,
    headers: { 'idempotency-key': idempotencyKey },
    // The platform answers a repetition with the first run.
    repeatable: true,
    ...(signal && { signal }),
  })
  const stream = (request: StartRun, options: StartOptions = {}): AsyncGenerator<StreamItem> =>
    followEvents(http, {
      first: { path: '/v1/runs', request: start({ ...request, stream: true }, options) },
      resume: last => eventsPath(last.runId),
      endsWithRun: true,
      signal: options.signal,
    })
  const get = (id: string): Promise<Run> => http.json<Run>(pathOf('/v1/runs', id))

  return {
    ...listing<Run, FiltersOf<RunQuery>>(http, '/v1/runs'),
    get,
    /** Starts a run and gives its events as they come; a cut stream is resumed. */
    stream,
    /** Starts a run and returns at once. */
    create: (request: StartRun, options: StartOptions = {}): Promise<Run> =>
      http.json<Run>('/v1/runs', start(request, options)),
    /** Starts a run and waits, however long it takes, until it has ended or waits for a person. */
    async createAndWait(request: StartRun, options: StartOptions = {}): Promise<Run> {
      for await (const item of stream(request, options)) {
        if (item.type !== 'run-ended' && item.type !== 'approval-requested') continue
        const run = await get(item.runId)
        if (hasEnded(run.status) || run.status === 'waiting') return run
      }
      throw new Error('The stream of a run ended before the run did.')
    },
    /** Asks a run to stop. @returns the run, which may still be stopping */
    cancel: (id: string): Promise<Run> =>
      http.json<Run>(`${pathOf('/v1/runs', id)}/cancel`, { method: 'POST', repeatable: true }),
    /** The events of a run so far. */
    async events(id: string): Promise<SessionEvent[]> {
      const events: SessionEvent[] = []
      for (let after: number | null = 0; after !== null;) {
        const page: EventPage = await http.json<EventPage>(eventsPath(id), { query: { after } })
        events.push(...page.data)
        after = page.nextAfter
      }
      return events
    },
    /** Follows the events of a run, from its first one or after the given sequence number, until it ends. */
    follow: (id: string, { after, signal }: FollowFrom = {}): AsyncGenerator<StreamItem> =>
      followEvents(http, {
        first: { path: eventsPath(id), request: { query: { after } } },
        resume: () => eventsPath(id),
        endsWithRun: true,
        signal,
      }),
  }
}
