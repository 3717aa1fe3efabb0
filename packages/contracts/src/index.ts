export { Agent, AgentPage } from './api/agents.ts'
export {
  Approval,
  ApprovalLink,
  ApprovalPage,
  ApprovalQuery,
  CreateApprovalLink,
  DecideApproval,
  DelegateApproval,
  DecideApprovals,
  DecidedApprovals,
} from './api/approvals.ts'
export { AuditEntry, AuditPage, AuditQuery, AuditVerification, SignedAuditHead, VerifyAudit } from './api/audit.ts'
export { RepriceCosts, repricedAtMost, RepricedCosts, RepricedModel } from './api/costs.ts'
export {
  ApiKey,
  ApiKeyPage,
  CreateApiKey,
  CreateOAuthGrant,
  ProtectedResource,
  CreatedApiKey,
  CreateProject,
  CreateTeam,
  CreateUser,
  Environment,
  EnvironmentPage,
  isDevelopment,
  Me,
  Project,
  ProjectPage,
  SignIn,
  stages,
  Team,
  TeamPage,
  User,
  UserPage,
} from './api/identity.ts'
export { CreateFreeze, Freeze, FreezeKind, FreezePage, FreezeQuery, LiftFreeze } from './api/freezes.ts'
export {
  AddIncidentEntry,
  Incident,
  IncidentAlert,
  IncidentDetail,
  IncidentEntry,
  IncidentPage,
  IncidentQuery,
  IncidentSeverity,
  IncidentStatus,
  IncidentSubject,
  OpenIncident,
} from './api/incidents.ts'
export {
  ModelCall,
  ModelCallAttempt,
  Feedback,
  GiveFeedback,
  ModelCallCache,
  ModelCallDetail,
  ModelCallPage,
  ModelCallQuery,
  PriceRates,
  StructuredOutputResult,
} from './api/model-calls.ts'
export { Memory, MemoryPage, MemoryQuery } from './api/memories.ts'
export { PolicyImpact, PolicyImpactQuery } from './api/policies.ts'
export {
  AddNote,
  AnswerRun,
  ToolCallback,
  CreateRun,
  Divergence,
  GivenCall,
  ReplayComparison,
  ReplayRun,
  Run,
  RunContext,
  RunPage,
  RunQuery,
} from './api/runs.ts'
export { KeyRotation, Secret, SecretPage, SecretUse, SetSecret } from './api/secrets.ts'
export {
  CreateSession,
  ErasePerson,
  Erasure,
  ForkSession,
  HoldSession,
  LegalHold,
  ImportedSession,
  EventPage,
  EventQuery,
  Session,
  SessionPage,
} from './api/sessions.ts'
export {
  BurnRate,
  BurnSeverity,
  ServiceLevelObjective,
  ServiceLevelObjectiveDetail,
  ServiceLevelObjectivePage,
} from './api/service-level-objectives.ts'
export { Span, Trace } from './api/traces.ts'
export { OfferedTool, OfferedTools, ToolFinding } from './api/tool-servers.ts'
export {
  ActOnToolReview,
  SubmitTool,
  ToolCheck,
  ToolReview,
  ToolFacts,
  ToolReviewDetail,
  ToolReviewEntry,
  ToolReviewPage,
  ToolReviewQuery,
} from './api/tool-reviews.ts'
export { Trigger, TriggerList, TriggerMessage } from './api/triggers.ts'
export {
  BudgetAlert,
  ObjectiveAlert,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookDeliveryQuery,
  WebhookDeliveryState,
  WebhookList,
  WebhookTest,
} from './api/webhooks.ts'
export { Usage, UsageBy, usageDaysAtMost, UsageOf, UsageQuery, type BudgetState } from './api/usage.ts'
export { WorkerCall, WorkerQuery, WorkerReady, WorkerResult } from './api/workers.ts'
export { errorCatalogue } from './error-catalogue.ts'
export { CausewayError, ErrorCode, Problem, ProblemPlace } from './errors.ts'
export {
  Cost,
  Decision,
  DecisionReason,
  EventError,
  EventType,
  HistoryMessage,
  eventSchemaVersion,
  LiveFrame,
  RequestedToolCall,
  SessionEvent,
  TokenUsage,
  EditedCall,
  type EventData,
  type NewEvent,
} from './events.ts'
export { ArgumentOrigin, Integrity, Label, Readers, TracedArgument, ValuePointer } from './labels.ts'
export { LimitName, RunLimits, RunScope, Spent } from './limits.ts'
export { AgentSpec, SafetyProfile } from './manifests/agent.ts'
export { checkManifest } from './manifests/check-manifest.ts'
export { explainIssues, type ExplainedIssue } from './manifests/explain-issue.ts'
export type { ContractPrice, ContractPrices } from './manifests/contract-prices.ts'
export { BudgetSpec } from './manifests/budget.ts'
export {
  Detector,
  ExternalDetector,
  GuardrailAction,
  GuardrailFinding,
  GuardrailSide,
  GuardrailSpec,
} from './manifests/guardrail.ts'
export { jsonPointer, pointerKeys } from './manifests/json-pointer.ts'
export {
  Manifest,
  ManifestKind,
  referencesOf,
  type ManifestInput,
  type ManifestOf,
  type ManifestReference,
} from './manifests/manifest.ts'
export {
  ApplyManifests,
  ManifestDifference,
  ManifestPage,
  ManifestPlan,
  ManifestQuery,
  PlanManifests,
  PlannedChange,
  StoredManifest,
} from './manifests/plan.ts'
export { MemoryScope, MemoryStoreSpec } from './manifests/memory-store.ts'
export { ServiceLevelObjectiveSpec } from './manifests/service-level-objective.ts'
export { PolicySpec, PolicyCondition, PolicyTest } from './manifests/policy.ts'
export { ProviderSpec, RehearsalConversation, RehearsalTurn } from './manifests/provider.ts'
export { McpStdioTransport, ToolServerSpec } from './manifests/tool-server.ts'
export { ModelCapability, RouteSpec, RouteStrategy, RouteTarget } from './manifests/route.ts'
export {
  CodeImplementation,
  A2aImplementation,
  AsyncAnswer,
  handleKey,
  HttpImplementation,
  McpImplementation,
  MemoryImplementation,
  ToolAsks,
  McpPromptsImplementation,
  McpResourcesImplementation,
  ResultPolicy,
  ToolEffect,
  AgentImplementation,
  ApprovalTerms,
  ContractTest,
  Deprecation,
  ToolEgress,
  ToolSpec,
  WorkerImplementation,
} from './manifests/tool.ts'
export { ClientCredentials, ToolAuth } from './manifests/tool-auth.ts'
export { NatsSource, TriggerSpec } from './manifests/trigger.ts'
export {
  Attachment,
  attachmentBytesAtMost,
  attachmentsBytesAtMost,
  AttachmentType,
  NewAttachment,
} from './attachments.ts'
export { OutgoingEventType, WebhookSpec } from './manifests/webhook.ts'
export { Instant, JsonSchema, Name, SecretHandle, SecretName } from './names.ts'
export { pageOf, PageQuery, type Page } from './paging.ts'
export { ApprovalStatus, EndStatus, hasEnded, ModelCallOutcome, RunPriority, RunStatus } from './statuses.ts'
export { HandOff, handOffTool } from './hand-off.ts'
export { askUserTool, Question } from './questions.ts'
export { planTool, RunPlan } from './run-plan.ts'
export { Right, rightsOfRole, Role } from './rights.ts'
export { ToolReviewAction, toolReviewActions, ToolReviewState } from './tool-review-states.ts'
