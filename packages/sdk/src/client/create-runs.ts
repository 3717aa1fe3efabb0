import {
  hasEnded,
  type AnswerRun,
  type CreateRun,
  type EventPage,
  type ReplayComparison,
  type ReplayRun,
  type Run,
  type RunContext,
  type RunQuery,
  type SessionEvent,
} from '@causeway/contracts'
import type { Http } from './create-http.ts'
import { followEvents } from './follow-events.ts'
import { listing, type FiltersOf } from './list-pages.ts'
import { pathOf } from './path-of.ts'
import type { StreamItem } from './read-items.ts'

/** How a run is started. */
export interface StartOptions {
  /** Stops waiting; the run goes on. */
  signal?: AbortSignal | undefined
  /** The same key starts the same run once, however often it is sent. Default: a new key, kept for the retries of this call. */
  idempotencyKey?: string | undefined
  /** The trace that the run belongs to, and the span in it that has asked for it (W3C Trace Context). Default: one of its own. */
  traceparent?: string | undefined
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
  const start = (body: CreateRun, { signal, idempotencyKey = crypto.randomUUID(), traceparent }: StartOptions) => ({
    method: 'POST' as const,
    body,
    headers: { 'idempotency-key': idempotencyKey, ...(traceparent !== undefined && { traceparent }) },
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
  const follow = (id: string, { after, signal }: FollowFrom = {}): AsyncGenerator<StreamItem> =>
    followEvents(http, {
      first: { path: eventsPath(id), request: { query: { after } } },
      resume: () => eventsPath(id),
      endsWithRun: true,
      signal,
    })
  const settled = async (items: AsyncIterable<StreamItem>): Promise<Run> => {
    for await (const item of items) {
      if (item.type !== 'run-ended' && item.type !== 'approval-requested' && item.type !== 'question-asked') continue
      const run = await get(item.runId)
      if (hasEnded(run.status) || run.status === 'waiting') return run
    }
    throw new Error('The stream of a run ended before the run did.')
  }

  return {
    ...listing<Run, FiltersOf<RunQuery>>(http, '/v1/runs'),
    get,
    /** Starts a run and gives its events as they come; a cut stream is resumed. */
    stream,
    /** Starts a run and returns at once. */
    create: (request: StartRun, options: StartOptions = {}): Promise<Run> =>
      http.json<Run>('/v1/runs', start(request, options)),
    /** Starts a run and waits, however long it takes, until it has ended or waits for a person. */
    createAndWait: (request: StartRun, options: StartOptions = {}): Promise<Run> => settled(stream(request, options)),
    /** Asks a run to stop. @returns the run, which may still be stopping */
    cancel: (id: string): Promise<Run> =>
      http.json<Run>(`${pathOf('/v1/runs', id)}/cancel`, { method: 'POST', repeatable: true }),
    /** Answers what a run asks its user. @throws CausewayError conflict where it asks nothing */
    answer: (id: string, request: AnswerRun): Promise<Run> =>
      http.json<Run>(`${pathOf('/v1/runs', id)}/answers`, { method: 'POST', body: request }),
    /** Leaves a note for those who look at the run; no model is told. @throws CausewayError conflict for a run that has ended */
    note: (id: string, text: string): Promise<Run> =>
      http.json<Run>(`${pathOf('/v1/runs', id)}/notes`, { method: 'POST', body: { text } }),
    /** Repeats a run that has ended, against something else; no tool is called. @returns the replay, which has begun */
    replay: (id: string, request: ReplayRun = {}): Promise<Run> =>
      http.json<Run>(`${pathOf('/v1/runs', id)}/replay`, { method: 'POST', body: request }),
    /** The first place in which a replay does something else. */
    divergence: (id: string): Promise<ReplayComparison> =>
      http.json<ReplayComparison>(`${pathOf('/v1/runs', id)}/divergence`),
    /** What the model was sent at a step, from 1. @throws CausewayError not-found where there is no such step */
    context: (id: string, { step }: { step: number }): Promise<RunContext> =>
      http.json<RunContext>(`${pathOf('/v1/runs', id)}/context`, { query: { step } }),
    /** Waits, however long it takes, until a run has ended or waits for a person. */
    wait: (id: string, options: Pick<FollowFrom, 'signal'> = {}): Promise<Run> => settled(follow(id, options)),
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
    follow,
  }
}
