/** The composition root: every part is made here, from the parts that it needs, and released in the opposite order. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  agentRoutes,
  checkAgentManifest,
  callbackRoutes,
  createCallbackAddresses,
  createAppendQueue,
  createFreshEvents,
  createLiveFrames,
  createNotifications,
  noteDelegation,
  noteEscalation,
  readEditedCall,
  resumeAfterDecision,
  endAbandonedRun,
  runSegment,
  watchEvents,
  type WatchOptions,
} from './agents/index.ts'
import { approvalRoutes, createApprovalLinks, createApprovals } from './approvals/index.ts'
import { auditRoutes, createAudit, joinAlike, type AuditRecord } from './audit/index.ts'
import { createLedger, createQuotas } from './budgets/index.ts'
import { isLoopback, type Config } from './config/index.ts'
import { createBatchWriter, openDatabase, type BatchWriter, type Scope } from './database/index.ts'
import { createApp, requireFreeAddress, urlOf } from './http/index.ts'
import {
  bootstrapIdentity,
  createAuthenticator,
  createOAuthTokens,
  createSignIn,
  identityRoutes,
  resourceMetadataUrl,
} from './identity/index.ts'
import { createJobs } from './jobs/index.ts'
import { createIncidents, incidentRoutes } from './incidents/index.ts'
import { createManifests, manifestRoutes } from './manifests/index.ts'
import { createMemoryTool, memoryRoutes } from './memory/index.ts'
import {
  checkRouteManifest,
  createScoreSums,
  createShadows,
  openSharedAnswers,
  watchBatches,
  feedbackRoutes,
  createModelHandler,
  createProviderBatches,
  createProviderFiles,
  createModels,
  costRoutes,
  insertCalls,
  modelCallRoutes,
  type ModelCallRecord,
  createStoredResponses,
} from './models/index.ts'
import { checkGuardrailManifest, createGuardrails } from './guardrails/index.ts'
import { checkPolicy, createPolicy, policyRoutes } from './policy/index.ts'
import {
  createExternalStores,
  createHiddenValues,
  createMasterKeys,
  createSealedTexts,
  createSignedTokens,
  createOwnStore,
  createSecrets,
  prepareMasterKey,
  secretRoutes,
  type HiddenValues,
} from './secrets/index.ts'
import { createTelemetry, traceRoutes, type Logger } from './telemetry/index.ts'
import {
  checkToolManifest,
  createCodeTool,
  createContextLists,
  createResourceChanges,
  createAskedStates,
  createMcpTools,
  createA2aTool,
  createPrograms,
  createToolSignIn,
  keepResults,
  createToolServers,
  openApiRoutes,
  toolServerRoutes,
  createExecuteTool,
  createToolGates,
  createHttpTool,
  createWorkerHub,
  workerRoutes,
} from './tools/index.ts'
import { checkTriggerManifest, createTriggers, requireOwnKeys, startTriggers, triggerRoutes } from './triggers/index.ts'
import { createFreezes, freezeRoutes } from './freezes/index.ts'
import { createBlockedVersions, createToolReviews, requireReviewed, toolReviewRoutes } from './tool-reviews/index.ts'
import { a2aRoutes, agUiRoutes, createAgentModels, createPushes, mcpRoutes } from './protocols/index.ts'
import { createEgress } from './egress/index.ts'
import { createSandbox } from './sandbox/index.ts'
import { usageRoutes } from './usage/index.ts'
import { createWebhooks, startWebhooks, webhookRoutes } from './webhooks/index.ts'
import { modelPorts } from './model-ports.ts'
import { createObjectives, objectiveRoutes } from './objectives/index.ts'
import { startUpkeep } from './upkeep.ts'
import { gaugeWhatWaits } from './what-waits.ts'

export interface PlatformOptions {
  config: Config
  logger: Logger
  /** Where the values of secrets stand. */
  environment: Readonly<Record<string, string | undefined>>
  /** Shared with the logger, so that secrets which are looked up later do not stand in the log either. */
  hidden?: HiddenValues
  version: string
  consoleFolder: string
}

/** A replica that takes requests and works on runs. */
export interface Platform extends AsyncDisposable {
  /** Address of the API and the console. */
  readonly url: string
  /** The first admin key, if this start made it. */
  readonly newAdminKey: string | undefined
  /** Stops taking work, gives running work time to end, and releases everything. */
  close(): Promise<void>
}

/**
 * Starts a replica.
 * @throws DatabaseStartError, DataFolderInUseError when the database cannot be opened; an Error with code EADDRINUSE when the port is taken
 */
export async function startPlatform({
  config,
  logger,
  environment,
  hidden = createHiddenValues(environment),
  version,
  consoleFolder,
}: PlatformOptions): Promise<Platform> {
  await requireFreeAddress(config)
  await using parts = new AsyncDisposableStack()
  const database = parts.adopt(
    await openDatabase({ url: config.databaseUrl, dataFolder: config.dataFolder, logger }),
    each => each.close(),
  )
  const telemetry = parts.adopt(createTelemetry({ database, logger, otlpEndpoint: config.otlpEndpoint }), each =>
    each.close(),
  )
  const audit = createAudit()
  const masterKeys = createMasterKeys({
    configured: config.secretStores.masterKeys,
    path: join(config.dataFolder, 'master-key'),
  })
  await prepareMasterKey({ database, keys: masterKeys, logger })
  const secrets = createSecrets({
    environment,
    hidden,
    own: createOwnStore({ database, keys: masterKeys }),
    external: createExternalStores(database, config.secretStores),
    onFailure: failure => logger.warn(failure, 'a store of secrets gives no answer that can be used'),
  })
  const { key: newAdminKey } = await bootstrapIdentity({ database, audit, dataFolder: config.dataFolder })

  const manifests = createManifests({
    database,
    audit,
    admission: [
      checkAgentManifest,
      checkToolManifest,
      checkPolicy,
      checkRouteManifest,
      checkGuardrailManifest,
      checkTriggerManifest,
    ],
    requireAllowed: [requireReviewed, requireOwnKeys],
  })
  const freezes = createFreezes({ database, audit })
  const policy = createPolicy({ manifests, freezes, blockedVersions: createBlockedVersions({ database }) })
  const quotas = parts.adopt(createQuotas({ database, manifests, logger }), each => each.close())
  const batchOf = <Row>(what: string, write: (rows: readonly Row[]) => Promise<void>): BatchWriter<Row> =>
    parts.adopt(
      createBatchWriter({
        write,
        onError: (error, rows) => logger.error({ err: error, rows }, `${what} could not be written; it is tried again`),
      }),
      each => each.close(),
    )
  const objectives = createObjectives({ database, manifests, logger })
  const calls = batchOf<ModelCallRecord>('calls of models', async rows => {
    await insertCalls(database.kysely, rows)
    await objectives.countCalls(rows)
  })
  const decisions = batchOf<AuditRecord>('decisions', rows => audit.recordAll(database.kysely, joinAlike(rows)))
  const ledger = createLedger({ database, quotas })
  const egress = parts.adopt(createEgress({ allowed: config.egressAllowed }), each => each.close())
  const guardrails = createGuardrails({ manifests, egress, secrets, logger })
  const models = parts.adopt(
    createModels({
      manifests,
      guardrails,
      scores: createScoreSums({ database, logger }),
      secrets,
      logger,
      environment: { localModelPath: config.localModelPath },
    }),
    each => each.close(),
  )
  const ports = modelPorts({ policy, ledger, quotas, telemetry, audit, database, decisions, calls, manifests, logger })
  const shadows = parts.adopt(createShadows({ models, ports, logger }), each => each.close())
  const batches = createProviderBatches({ models, database, ports })
  parts.defer(watchBatches({ batches, models, database, ports, logger }))
  const workers = createWorkerHub()
  const toolSignIn = createToolSignIn({ secrets, egress })
  const toolServers = createToolServers({
    manifests,
    signIn: toolSignIn,
    secrets,
    egress,
    programs: createPrograms({ folders: config.stdioFolders, unsandboxed: config.stdioUnsandboxed }),
    version,
  })
  const platformKeys = { newest: () => masterKeys.newestOrMade(), find: (id: string) => masterKeys.find(id) }
  const askedStates = createAskedStates({ tokens: createSignedTokens(platformKeys, 'state of a tool that asks') })
  const sandbox = parts.adopt(createSandbox(), each => each.close())
  const httpTool = createHttpTool({ secrets, egress, signIn: toolSignIn })
  const executeAtOnce = createExecuteTool(
    createToolGates(),
    {
      http: httpTool.attempt,
      worker: workers.attempt,
      code: createCodeTool({ sandbox }),
      ...createMcpTools({ servers: toolServers, states: askedStates }),
      a2a: createA2aTool({ secrets, egress, signIn: toolSignIn }),
      memory: createMemoryTool({ database, manifests }),
    },
    { http: httpTool.reconcile },
  )
  const executeTool = keepResults(executeAtOnce)

  const notifications = parts.adopt(await createNotifications(database), each => each.close())
  const baseUrl = (): string => config.publicUrl ?? urlOf(app, config)
  const callbacks = createCallbackAddresses({ tokens: createSignedTokens(platformKeys, 'tool callback'), baseUrl })
  const links = createApprovalLinks({ tokens: createSignedTokens(platformKeys, 'approval link'), database, baseUrl })
  const live = createLiveFrames()
  const fresh = createFreshEvents()
  const jobs = createJobs({ database, logger })
  const approvals = createApprovals({
    database,
    audit,
    readEdited: readEditedCall({ manifests }),
    onEscalated: noteEscalation,
    onDelegated: noteDelegation,
    onDecided: resumeAfterDecision({ jobs }),
  })

  const oauth =
    config.oauthIssuer === undefined ? undefined : createOAuthTokens({ issuer: config.oauthIssuer, baseUrl })
  const { metrics } = telemetry
  gaugeWhatWaits(metrics, database.kysely)
  const authenticator = createAuthenticator({ database, audit, oauth })
  const sharedAnswers = config.redisUrl
    ? await openSharedAnswers({ url: config.redisUrl, sealed: createSealedTexts(platformKeys, 'kept answer'), logger })
    : undefined
  parts.defer(() => sharedAnswers?.close())
  const storedResponses = createStoredResponses({ database, logger })
  const upkeep = { database, logger, config, audit, approvals, storedResponses, objectives, keys: platformKeys }
  for (const end of startUpkeep(upkeep)) parts.defer(end)
  const signIn = createSignIn({ database, audit })
  const runs = {
    database,
    jobs,
    manifests,
    audit,
    approvals,
    queuedAtMost: config.queuedRuns,
    watch: (scope: Scope, options: WatchOptions) =>
      watchEvents({ connection: database.kysely, notifications, live, fresh }, scope, options),
  }
  const pushes = createPushes({ database, sealed: createSealedTexts(platformKeys, 'push of a task'), egress })
  const webhooks = createWebhooks({ database, manifests, audit, secrets, egress, logger, others: pushes })
  const triggers = createTriggers({ ...runs, secrets, logger })
  const leaving = new AbortController()
  const app = parts.adopt(
    await createApp({
      authenticator,
      logger,
      metrics: telemetry.metrics,
      redact: secrets.redact,
      resourceMetadata: oauth && (path => resourceMetadataUrl(baseUrl(), path)),
      version,
      consoleFolder,
      trustedProxies: config.trustedProxies,
      checks: [
        { name: 'the database does not answer', check: () => database.ping() },
        { name: 'this replica stops', check: async () => leaving.signal.throwIfAborted() },
      ],
      drainSeconds: config.drainSeconds,
      handleModelRequest: createModelHandler({
        models,
        authenticator,
        logger,
        storedResponses,
        files: createProviderFiles({ models, database, ports }),
        batches,
        shadows,
        sharedAnswers,
        ports,
        onStranger: () => metrics.modelCallsRefused.inc(),
        agents: createAgentModels(runs),
      }),
      routes: api => {
        identityRoutes(api, { database, audit, authenticator, signIn, oauth, baseUrl })
        manifestRoutes(api, { manifests, database })
        secretRoutes(api, { database, keys: masterKeys, audit, manifests, secrets })
        agentRoutes(api, runs)
        callbackRoutes(api, { ...runs, callbacks, guardrails, redact: secrets.redact })
        a2aRoutes(api, { ...runs, pushes })
        agUiRoutes(api, runs)
        mcpRoutes(api, {
          contextLists: createContextLists({ servers: toolServers }),
          resourceChanges: createResourceChanges({ servers: toolServers }),
          askedStates,
          ...runs,
          live,
          isLocal: isLoopback(config.host) && config.trustedProxies.length === 0,
          version,
        })
        policyRoutes(api, { database })
        freezeRoutes(api, { database, freezes })
        triggerRoutes(api, { triggers })
        webhookRoutes(api, { database, webhooks })
        toolReviewRoutes(api, {
          database,
          reviews: createToolReviews({ database, audit, manifests, egress, executeTool: executeAtOnce }),
        })
        approvalRoutes(api, { database, approvals, links })
        workerRoutes(api, { workers, manifests })
        openApiRoutes(api, { manifests })
        toolServerRoutes(api, { servers: toolServers, manifests })
        auditRoutes(api, { database, keys: platformKeys })
        modelCallRoutes(api, { database, manifests })
        feedbackRoutes(api, { database })
        costRoutes(api, { database, manifests, audit })
        usageRoutes(api, { database, manifests })
        traceRoutes(api, { database })
        memoryRoutes(api, { database, audit })
        objectiveRoutes(api, { objectives })
        incidentRoutes(api, { database, incidents: createIncidents({ database, audit }) })
      },
    }),
    each => each.close(),
  )

  const segments = {
    database,
    jobs,
    manifests,
    models,
    policy,
    ledger,
    audit,
    audited: decisions,
    approvals,
    executeTool,
    telemetry,
    live,
    fresh,
    appendToLog: createAppendQueue(database.kysely),
    callbacks,
    guardrails,
    notifications,
    objectives,
    replica: `${process.pid}-${randomUUID().slice(0, 8)}`,
  }
  parts.adopt(jobs, each => each.stop({ drainSeconds: config.drainSeconds }))
  await jobs.start()
  await jobs.work('run-segments', { concurrency: config.concurrency }, async delivery => {
    telemetry.metrics.runsActive.inc()
    try {
      await runSegment(segments, delivery)
    } finally {
      telemetry.metrics.runsActive.dec()
    }
  })
  await jobs.work('abandoned-runs', { concurrency: 1 }, delivery => endAbandonedRun(segments, delivery))
  parts.defer(startTriggers({ database, manifests, triggers, egress, secrets, logger }))
  parts.defer(startWebhooks({ webhooks, logger }))
  await app.listen({ host: config.host, port: config.port })
  parts.defer(async () => {
    leaving.abort()
    await sleep(config.leaveSeconds * 1000)
  })

  const owned = parts.move()
  return {
    url: urlOf(app, config),
    newAdminKey,
    close: () => owned.disposeAsync(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
