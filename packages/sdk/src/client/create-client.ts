import type {
  CreateProject,
  Project,
  AddIncidentEntry,
  Incident,
  IncidentDetail,
  IncidentQuery,
  OpenIncident,
  ActOnToolReview,
  Agent,
  ApiKey,
  Approval,
  ApprovalQuery,
  AuditEntry,
  AuditQuery,
  AuditVerification,
  CreateApiKey,
  CreateOAuthGrant,
  CreateFreeze,
  ForkSession,
  HoldSession,
  ImportedSession,
  Freeze,
  FreezeQuery,
  LiftFreeze,
  CreatedApiKey,
  CreateTeam,
  CreateUser,
  ApprovalLink,
  CreateApprovalLink,
  DecideApproval,
  DecideApprovals,
  DecidedApprovals,
  DelegateApproval,
  Environment,
  ErasePerson,
  Erasure,
  EventPage,
  KeyRotation,
  Me,
  Memory,
  MemoryQuery,
  ModelCall,
  ModelCallDetail,
  Feedback,
  GiveFeedback,
  ModelCallQuery,
  OfferedTools,
  Page,
  PolicyImpact,
  PolicyImpactQuery,
  RepriceCosts,
  RepricedCosts,
  Run,
  Secret,
  ServiceLevelObjective,
  ServiceLevelObjectiveDetail,
  Session,
  SetSecret,
  SignedAuditHead,
  SubmitTool,
  Team,
  ToolReview,
  ToolReviewDetail,
  ToolReviewQuery,
  Trace,
  TriggerList,
  TriggerMessage,
  Usage,
  UsageQuery,
  User,
  VerifyAudit,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryQuery,
  WebhookList,
  WebhookTest,
} from '@causeway/contracts'
import { createHttp, type ClientOptions } from './create-http.ts'
import { createManifestClient } from './create-manifest-client.ts'
import { createRuns, type FollowFrom } from './create-runs.ts'
import { followEvents } from './follow-events.ts'
import { listing, type FiltersOf } from './list-pages.ts'
import { pathOf } from './path-of.ts'
import type { StreamItem } from './read-items.ts'

/** Typed client of the platform. */
export type Client = ReturnType<typeof createClient>

/**
 * Makes a client. Works in Node and in browsers. Its functions throw CausewayError with the code that the platform
 * reported, or PlatformUnreachableError when it did not answer; what can be repeated is repeated before that.
 * @example
 * const client = createClient({ apiKey: 'cw_…' })
 * const run = await client.runs.createAndWait({ agent: 'support', input: 'Where is order 1042?' })
 * for await (const each of client.runs.all({ status: 'failed' })) console.log(each.id, each.reason)
 */
export function createClient(options: ClientOptions = {}) {
  const http = createHttp(options)
  const post = <Result>(path: string, body?: unknown, repeatable = false): Promise<Result> =>
    http.json<Result>(path, { method: 'POST', ...(body !== undefined && { body }), repeatable })

  return {
    runs: createRuns(http),
    /** Lets an OAuth client act for the user whose key this is. It is revoked like a key. */
    allowOAuthClient: (request: CreateOAuthGrant) => post<ApiKey>('/v1/oauth-grants', request),
    sessions: {
      ...listing<Session>(http, '/v1/sessions'),
      create: (agent: string) => post<Session>('/v1/sessions', { agent }),
      get: (id: string) => http.json<Session>(pathOf('/v1/sessions', id)),
      /** Erases what was said in a session; that it was stays. @throws CausewayError conflict while a run has not ended */
      erase: (id: string) => http.json<Erasure>(pathOf('/v1/sessions', id), { method: 'DELETE', repeatable: true }),
      /** Keeps a session from being erased until it is released. */
      hold: (id: string, request: HoldSession) =>
        http.json<Session>(`${pathOf('/v1/sessions', id)}/hold`, { method: 'PUT', body: request, repeatable: true }),
      release: (id: string) =>
        http.json<Session>(`${pathOf('/v1/sessions', id)}/hold`, { method: 'DELETE', repeatable: true }),
      /** Erases what was remembered of a person, and the person's sessions, a hundred at a time: again while `more`. */
      erasePerson: (request: ErasePerson) => post<Erasure>('/v1/sessions/erase', request),
      /** Goes on from a place in a session, in a session of its own. */
      fork: (id: string, request: ForkSession) => post<Session>(`${pathOf('/v1/sessions', id)}/fork`, request),
      /** The lines of a file with all of a session, as text in pieces. */
      async *export(id: string): AsyncGenerator<string> {
        const { body } = await http.open(`${pathOf('/v1/sessions', id)}/export`, {}, 'application/x-ndjson')
        if (body) yield* body.pipeThrough(new TextDecoderStream())
      },
      /** Brings in a session that was exported. */
      import: (file: string) =>
        http.json<ImportedSession>('/v1/sessions/import', {
          method: 'POST',
          body: file,
          headers: { 'content-type': 'application/x-ndjson' },
        }),
      /** One page of the log of a session. */
      events: (id: string, query: { after?: number; limit?: number } = {}) =>
        http.json<EventPage>(`${pathOf('/v1/sessions', id)}/events`, { query }),
      /** Follows the log of a session over all its runs. It does not end by itself: leave the loop, or abort. */
      follow: (id: string, { after, signal }: FollowFrom = {}): AsyncGenerator<StreamItem> => {
        const path = `${pathOf('/v1/sessions', id)}/events`
        const first = { path, request: { query: { after } } }
        return followEvents(http, { first, resume: () => path, endsWithRun: false, signal })
      },
    },
    /** What agents have remembered. */
    memories: {
      ...listing<Memory, FiltersOf<MemoryQuery>>(http, '/v1/memories'),
      erase: (id: string) => http.json<Memory>(pathOf('/v1/memories', id), { method: 'DELETE', repeatable: true }),
    },
    /** What went wrong, and what is done about it. */
    incidents: {
      ...listing<Incident, FiltersOf<IncidentQuery>>(http, '/v1/incidents'),
      get: (id: string) => http.json<IncidentDetail>(pathOf('/v1/incidents', id)),
      open: (request: OpenIncident) => post<Incident>('/v1/incidents', request),
      /** Notes something, or changes the incident. @throws CausewayError conflict when it has that status already */
      add: (id: string, entry: AddIncidentEntry) =>
        post<IncidentDetail>(`${pathOf('/v1/incidents', id)}/entries`, entry),
    },
    /** What is promised of calls and runs, and how it stands. */
    serviceLevelObjectives: {
      ...listing<ServiceLevelObjective>(http, '/v1/service-level-objectives'),
      get: (name: string) => http.json<ServiceLevelObjectiveDetail>(pathOf('/v1/service-level-objectives', name)),
    },
    agents: {
      ...listing<Agent>(http, '/v1/agents'),
      get: (name: string) => http.json<Agent>(pathOf('/v1/agents', name)),
    },
    approvals: {
      ...listing<Approval, FiltersOf<ApprovalQuery>>(http, '/v1/approvals'),
      get: (id: string) => http.json<Approval>(pathOf('/v1/approvals', id)),
      /** Answers an approval, for good. @throws CausewayError already-decided */
      decide: (id: string, decision: DecideApproval) =>
        post<Approval>(`${pathOf('/v1/approvals', id)}/decision`, decision),
      /** Hands an approval on to another person. */
      delegate: (id: string, request: DelegateApproval) =>
        post<Approval>(`${pathOf('/v1/approvals', id)}/delegation`, request),
      /** Answers up to a hundred approvals, each by itself. */
      decideSeveral: (decisions: DecideApprovals) => post<DecidedApprovals>('/v1/approvals/decisions', decisions),
      /** Makes an address at which one person decides, without an account. Whoever has it can. */
      link: (id: string, request: CreateApprovalLink) =>
        post<ApprovalLink>(`${pathOf('/v1/approvals', id)}/links`, request),
    },
    manifests: createManifestClient(http),
    policies: {
      /** Calls of tools of which something else would come with the policies in shadow. */
      impact: (query: PolicyImpactQuery = {}) => http.json<PolicyImpact>('/v1/policies/impact', { query }),
    },
    openApi: {
      /** The operations of an OpenAPI document, as manifests of tools to review. */
      tools: async (request: { document: Record<string, unknown>; prefix: string; baseUrl?: string }) =>
        (await post<OfferedTools>('/v1/openapi/tools', request, true)).data,
    },
    toolServers: {
      /** The tools that a server offers now, as manifests to review. */
      tools: async (name: string) => (await http.json<OfferedTools>(`${pathOf('/v1/tool-servers', name)}/tools`)).data,
    },
    freezes: {
      ...listing<Freeze, FiltersOf<FreezeQuery>>(http, '/v1/freezes'),
      /** The freeze in force with this id. */
      find: async (id: string): Promise<Freeze | undefined> => {
        for await (const freeze of listing<Freeze, FiltersOf<FreezeQuery>>(http, '/v1/freezes').all({
          inForce: 'true',
        }))
          if (freeze.id === id) return freeze
        return undefined
      },
      /** Freezes something at once. */
      set: (request: CreateFreeze) => post<Freeze>('/v1/freezes', request, true),
      /** Lifts a freeze. @throws CausewayError invalid-request unless the name is repeated */
      lift: (id: string, request: LiftFreeze) => post<Freeze>(`${pathOf('/v1/freezes', id)}/lift`, request, true),
    },
    triggers: {
      list: () => http.json<TriggerList>('/v1/triggers'),
      /** Fires a trigger now. */
      fire: (name: string) => post<Run>(`${pathOf('/v1/triggers', name)}/fire`),
      /** Sends a message to a trigger; the same `id` starts one run. */
      send: (name: string, message: TriggerMessage) =>
        post<{ runId: string }>(`${pathOf('/v1/triggers', name)}/messages`, message),
    },
    webhooks: {
      list: () => http.json<WebhookList>('/v1/webhooks'),
      /** Sends a message that tells of nothing. */
      test: (name: string) => post<WebhookTest>(`${pathOf('/v1/webhooks', name)}/test`),
      /** Sends again to one that was disabled. @throws CausewayError conflict when it is not */
      enable: (name: string) => post<Webhook>(`${pathOf('/v1/webhooks', name)}/enable`),
    },
    webhookDeliveries: {
      ...listing<WebhookDelivery, FiltersOf<WebhookDeliveryQuery>>(http, '/v1/webhook-deliveries'),
      /** Sends a message once more. */
      replay: (id: string) => post<WebhookDelivery>(`${pathOf('/v1/webhook-deliveries', id)}/replay`),
    },
    toolReviews: {
      ...listing<ToolReview, FiltersOf<ToolReviewQuery>>(http, '/v1/tool-reviews'),
      get: (id: string) => http.json<ToolReviewDetail>(pathOf('/v1/tool-reviews', id)),
      /** Has the checks of a Tool manifest run, and hands it to reviewers. */
      submit: (request: SubmitTool) => post<ToolReviewDetail>('/v1/tool-reviews', request),
      /** Approves, rejects, comments, or takes a version back. @throws CausewayError own-request, conflict */
      act: (id: string, request: ActOnToolReview) =>
        post<ToolReviewDetail>(`${pathOf('/v1/tool-reviews', id)}/actions`, request),
    },
    apiKeys: {
      ...listing<ApiKey>(http, '/v1/api-keys'),
      create: (request: CreateApiKey) => post<CreatedApiKey>('/v1/api-keys', request),
      revoke: (id: string) => http.json<ApiKey>(pathOf('/v1/api-keys', id), { method: 'DELETE', repeatable: true }),
    },
    secrets: {
      ...listing<Secret>(http, '/v1/secrets'),
      /** Gives a secret its next value, which cannot be read again. */
      set: (name: string, request: SetSecret) =>
        http.json<Secret>(pathOf('/v1/secrets', name), { method: 'PUT', body: request }),
      delete: (name: string) => http.json<Secret>(pathOf('/v1/secrets', name), { method: 'DELETE' }),
      /** Wraps all data keys with the newest master key. What has broken off goes on when it is called again. */
      rotateKeys: () => post<KeyRotation>('/v1/secrets/rotate-keys', undefined, true),
    },
    modelCalls: {
      ...listing<ModelCall, FiltersOf<ModelCallQuery>>(http, '/v1/model-calls'),
      get: (id: string) => http.json<ModelCallDetail>(pathOf('/v1/model-calls', id)),
      /** Says what was thought of an answer, whose `x-request-id` is the id of the call; what the key said before is replaced. */
      giveFeedback: (id: string, feedback: GiveFeedback) =>
        http.json<Feedback>(`${pathOf('/v1/model-calls', id)}/feedback`, { method: 'PUT', body: feedback }),
    },
    costs: {
      /** Prices stored model calls by the prices in force now; keeps the new costs only with `apply`. */
      reprice: (request: RepriceCosts) => post<RepricedCosts>('/v1/costs/reprice', request),
    },
    /** What was used of models, and what is left of the budgets that apply to the key. */
    usage: (query: UsageQuery = {}) => http.json<Usage>('/v1/usage', { query }),
    environments: { list: () => http.json<Page<Environment>>('/v1/environments') },
    projects: {
      ...listing<Project>(http, '/v1/projects'),
      create: (request: CreateProject) => post<Project>('/v1/projects', request),
    },
    teams: {
      ...listing<Team>(http, '/v1/teams'),
      create: (request: CreateTeam) => post<Team>('/v1/teams', request),
    },
    users: {
      ...listing<User>(http, '/v1/users'),
      create: (request: CreateUser) => post<User>('/v1/users', request),
    },
    me: () => http.json<Me>('/v1/me'),
    audit: {
      ...listing<AuditEntry, FiltersOf<AuditQuery>>(http, '/v1/audit'),
      /** Recomputes the chain, and compares it with a head that was kept elsewhere. */
      verify: (request: VerifyAudit = {}) => post<AuditVerification>('/v1/audit/verify', request, true),
      /** Where the log ends now, signed by the platform. */
      head: () => http.json<SignedAuditHead>('/v1/audit/head'),
    },
    traces: { get: (traceId: string) => http.json<Trace>(pathOf('/v1/traces', traceId)) },
    auth: {
      signIn: (key: string) => post<void>('/v1/auth/sign-in', { key }),
      signOut: () => post<void>('/v1/auth/sign-out'),
    },
    http,
  }
}
