import type {
  Agent,
  ApiKey,
  ApplyManifests,
  Approval,
  ApprovalQuery,
  AuditEntry,
  AuditQuery,
  AuditVerification,
  CreateApiKey,
  CreatedApiKey,
  CreateRun,
  CreateTeam,
  CreateUser,
  DecideApproval,
  Environment,
  EventPage,
  ManifestDifference,
  ManifestKind,
  ManifestPlan,
  ManifestQuery,
  Me,
  Page,
  PlanManifests,
  Run,
  RunQuery,
  Session,
  SessionEvent,
  StoredManifest,
  Team,
  Trace,
  User,
} from '@causeway/contracts'
import { createHttp, type ClientOptions, type Http } from './create-http.ts'
import { followEvents, type StreamItem } from './follow-events.ts'

type Paging = { cursor?: string | undefined; limit?: number | undefined }
type Filters<Input> = { [Name in Exclude<keyof Input, keyof Paging>]?: Input[Name] | undefined }

/** Typed client of the platform. */
export type Client = ReturnType<typeof createClient>

/**
 * Makes a client. Works in Node and in browsers.
 * @example
 * const client = createClient({ apiKey: 'cw_…' })
 * const run = await client.runs.createAndWait({ agent: 'support', input: 'Where is order 1042?' })
 */
export function createClient(options: ClientOptions = {}) {
  const http = createHttp(options)
  const list =
    <Item, Filter extends object = object>(path: string) =>
    (query: Filter & Paging = {} as Filter): Promise<Page<Item>> =>
      http.json<Page<Item>>(path, { query })
  const at = (path: string, ...ids: string[]): string => [path, ...ids.map(encodeURIComponent)].join('/')
  const post = <Result>(path: string, body?: unknown, repeatable = false): Promise<Result> =>
    http.json<Result>(path, { method: 'POST', ...(body !== undefined && { body }), repeatable })

  return {
    runs: runsOf(http, at, list<Run, Filters<RunQuery>>('/v1/runs')),
    sessions: {
      create: (agent: string) => post<Session>('/v1/sessions', { agent }),
      list: list<Session>('/v1/sessions'),
      get: (id: string) => http.json<Session>(at('/v1/sessions', id)),
      events: (id: string, query: { after?: number; limit?: number } = {}) =>
        http.json<EventPage>(`${at('/v1/sessions', id)}/events`, { query }),
    },
    agents: { list: list<Agent>('/v1/agents'), get: (name: string) => http.json<Agent>(at('/v1/agents', name)) },
    approvals: {
      list: list<Approval, Filters<ApprovalQuery>>('/v1/approvals'),
      get: (id: string) => http.json<Approval>(at('/v1/approvals', id)),
      decide: (id: string, decision: DecideApproval) => post<Approval>(`${at('/v1/approvals', id)}/decision`, decision),
    },
    manifests: {
      plan: (request: PlanManifests) => post<ManifestPlan>('/v1/manifests/plan', request, true),
      apply: (request: ApplyManifests) => post<ManifestPlan>('/v1/manifests/apply', request),
      list: list<StoredManifest, Filters<ManifestQuery>>('/v1/manifests'),
      get: (kind: ManifestKind, name: string, version?: string) =>
        http.json<StoredManifest>(at('/v1/manifests', kind, name), { query: { version } }),
      versions: (kind: ManifestKind, name: string, query: Paging = {}) =>
        http.json<Page<StoredManifest>>(`${at('/v1/manifests', kind, name)}/versions`, { query }),
      diff: (kind: ManifestKind, name: string, from: string, to: string) =>
        http.json<{ differences: ManifestDifference[] }>(`${at('/v1/manifests', kind, name)}/diff`, {
          query: { from, to },
        }),
    },
    apiKeys: {
      list: list<ApiKey>('/v1/api-keys'),
      create: (request: CreateApiKey) => post<CreatedApiKey>('/v1/api-keys', request),
      revoke: (id: string) => http.json<ApiKey>(at('/v1/api-keys', id), { method: 'DELETE', repeatable: true }),
    },
    environments: { list: () => http.json<Page<Environment>>('/v1/environments') },
    teams: { list: list<Team>('/v1/teams'), create: (request: CreateTeam) => post<Team>('/v1/teams', request) },
    users: { list: list<User>('/v1/users'), create: (request: CreateUser) => post<User>('/v1/users', request) },
    me: () => http.json<Me>('/v1/me'),
    audit: {
      list: list<AuditEntry, Filters<AuditQuery>>('/v1/audit'),
      verify: () => post<AuditVerification>('/v1/audit/verify', undefined, true),
    },
    traces: { get: (traceId: string) => http.json<Trace>(at('/v1/traces', traceId)) },
    auth: {
      signIn: (key: string) => post<void>('/v1/auth/sign-in', { key }),
      signOut: () => post<void>('/v1/auth/sign-out'),
    },
    http,
  }
}

function runsOf(
  http: Http,
  at: (path: string, ...ids: string[]) => string,
  list: (query?: Filters<RunQuery> & Paging) => Promise<Page<Run>>,
) {
  const eventsPath = (id: string): string => `${at('/v1/runs', id)}/events`
  // A key of its own makes the request repeatable: the platform answers a repetition with the first run.
  const create = (request: CreateRun, signal?: AbortSignal): Promise<Run> =>
    http.json<Run>('/v1/runs', {
      method: 'POST',
      body: request,
      headers: { 'idempotency-key': crypto.randomUUID() },
      repeatable: true,
      ...(signal && { signal }),
    })
  return {
    create,
    /** Starts a run and waits until it has ended or waits for a person. */
    createAndWait: (request: CreateRun, signal?: AbortSignal) => create({ ...request, wait: true }, signal),
    /** Starts a run and gives its events as they come; a cut stream is resumed. */
    stream: (request: CreateRun, signal?: AbortSignal): AsyncGenerator<StreamItem> =>
      followEvents(
        http,
        {
          path: '/v1/runs',
          request: {
            method: 'POST',
            body: { ...request, stream: true },
            headers: { 'idempotency-key': crypto.randomUUID() },
            repeatable: true,
          },
        },
        last => eventsPath(last.runId),
        signal,
      ),
    get: (id: string) => http.json<Run>(at('/v1/runs', id)),
    list,
    /** All runs that fit, page by page. */
    async *all(query: Filters<RunQuery> = {}): AsyncGenerator<Run> {
      for (let cursor: string | undefined; ;) {
        const page = await list({ ...query, ...(cursor && { cursor }) })
        yield* page.data
        if (!page.nextCursor) return
        cursor = page.nextCursor
      }
    },
    cancel: (id: string) => http.json<Run>(`${at('/v1/runs', id)}/cancel`, { method: 'POST', repeatable: true }),
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
    follow: (id: string, options: { after?: number; signal?: AbortSignal } = {}): AsyncGenerator<StreamItem> =>
      followEvents(
        http,
        { path: eventsPath(id), request: { query: { after: options.after } } },
        () => eventsPath(id),
        options.signal,
      ),
  }
}
