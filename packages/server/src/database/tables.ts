import type {
  AttachmentType,
  Cost,
  FreezeKind,
  ManifestKind,
  LegalHold,
  ModelCall,
  GuardrailFinding,
  ModelCallAttempt,
  OutgoingEventType,
  Right,
  Role,
  RunLimits,
  RunPriority,
  RunStatus,
  SignedAuditHead,
  SecretUse,
  ToolCheck,
  ToolEffect,
  ToolReviewEntry,
  ToolReviewState,
  WebhookDeliveryState,
} from '@causeway/contracts'
import type { Generated, GeneratedAlways } from 'kysely'
import type { ApprovalTable } from './approval-table.ts'
import type { BatchCallerRow, BatchTotalsRow } from './batch-rows.ts'
import type { Json, Now, Owned } from './column-types.ts'
import type { IncidentEntryTable, IncidentTable } from './incident-tables.ts'
import type { MemoryTable } from './memory-table.ts'
import type { ObjectiveAlertTable, ObjectiveCountTable } from './objective-tables.ts'

/** The tables of the database; see migrations/. */
export interface Tables {
  organisations: { id: string; name: string; created_at: Now }
  environments: {
    id: string
    organisation_id: string
    name: string
    project_id: string | null
    created_at: Now
    /** Grows with every change of what is in force. */
    manifests_revision: Generated<number>
  }
  teams: { id: string; organisation_id: string; name: string; created_at: Now }
  projects: { id: string; organisation_id: string; name: string; team_id: string | null; created_at: Now }
  users: { id: string; organisation_id: string; name: string; email: string | null; role: Role; created_at: Now }
  api_keys: {
    id: string
    organisation_id: string
    environment_id: string | null
    team_id: string | null
    user_id: string | null
    name: string
    prefix: string
    hash: string
    role: Role
    rights: Right[]
    created_at: Now
    created_by: string
    expires_at: Date | null
    revoked_at: Date | null
    last_used_at: Date | null
  }
  console_sessions: { hash: string; api_key_id: string; created_at: Now; expires_at: Date }
  manifests: {
    organisation_id: string
    kind: ManifestKind
    name: string
    version: string
    description: string | null
    spec: Json<Record<string, unknown>>
    created_at: Now
    created_by: string
  }
  active_manifests: Owned & { kind: ManifestKind; name: string; version: string; applied_at: Now; applied_by: string }
  applied_manifests: Owned & { kind: ManifestKind; name: string; version: string; first_applied_at: Now }
  sessions: Owned & {
    id: string
    agent: string
    agent_version: string
    last_sequence: Generated<number>
    created_at: Now
    created_by: string
    forked_from: string | null
    forked_after: number | null
    erased_at: Date | null
    hold: Json<LegalHold> | null
    held: Generated<unknown>
    data_classes: Generated<string[]>
  }
  runs: Owned & {
    id: string
    session_id: string
    agent: string
    agent_version: string
    status: RunStatus
    fence: Generated<number>
    input: string
    output: string | null
    reason: string | null
    message: string | null
    limit_name: string | null
    limits: Json<RunLimits>
    steps: Generated<number>
    tool_calls: Generated<number>
    input_tokens: Generated<number>
    output_tokens: Generated<number>
    nano_usd: Generated<number>
    worked_ms: Generated<number>
    rehearsal: Generated<boolean>
    trace_id: string
    requested_by: string
    api_key_id: string
    parent_run_id: string | null
    parent_call_id: string | null
    depth: Generated<number>
    replay_of: string | null
    priority: Generated<RunPriority>
    cancel_requested_at: Date | null
    created_at: Now
    updated_at: Now
    ended_at: Date | null
  }
  events: Owned & {
    session_id: string
    sequence: number
    run_id: string
    type: string
    schema_version: number
    data: Json<Record<string, unknown>>
    at: Now
  }
  approvals: Owned & ApprovalTable
  webhook_deliveries: Owned & {
    id: Generated<string>
    webhook: string
    session_id: string
    sequence: number
    run_id: string
    type: OutgoingEventType
    state: WebhookDeliveryState
    attempts: Generated<number>
    next_at: Date
    last_status: number | null
    last_error: string | null
    created_at: Now
    payload: Json<Record<string, unknown>> | null
  }
  attachments: Owned & {
    id: string
    session_id: string
    media_type: AttachmentType
    name: string
    data: string
    created_at: Now
  }
  memories: Owned & MemoryTable
  incidents: Owned & IncidentTable
  incident_entries: Owned & IncidentEntryTable
  objective_counts: Owned & ObjectiveCountTable
  objective_alerts: Owned & ObjectiveAlertTable
  a2a_pushes: Owned & { run_id: string; id: string; url: string; credentials: string | null; created_at: Now }
  disabled_webhooks: Owned & { name: string; reason: string; disabled_at: Now }
  effects: Owned & {
    key: string
    run_id: string
    call_id: string
    tool: string
    tool_version: string
    arguments_hash: string
    state: 'intended' | 'executing' | 'completed' | 'failed' | 'unknown'
    attempts: Generated<number>
    result: Json<object> | null
    created_at: Now
    updated_at: Now
  }
  ledger_entries: Owned & {
    id: string
    run_id: string | null
    api_key_id: string
    kind: 'model' | 'tool'
    subject: string
    state: 'reserved' | 'settled' | 'released'
    reserved_tokens: number
    reserved_nano_usd: number
    input_tokens: Generated<number>
    output_tokens: Generated<number>
    nano_usd: Generated<number>
    cost_status: Cost['status'] | null
    price_version: string | null
    created_at: Now
    settled_at: Date | null
  }
  budget_counters: {
    organisation_id: string
    /** Empty for budgets that count across environments. */
    environment_id: string
    budget: string
    subject: string
    window_start: Date
    requests_spent: Generated<number>
    requests_leased: Generated<number>
    tokens_spent: Generated<number>
    tokens_leased: Generated<number>
    nano_usd_spent: Generated<number>
    nano_usd_leased: Generated<number>
  }
  budget_slots: {
    organisation_id: string
    environment_id: string
    budget: string
    subject: string
    holders: Generated<unknown>
    touched_at: Now
  }
  model_calls: Owned & {
    id: string
    api_key_id: string
    user_id: string | null
    team_id: string | null
    agent: string | null
    session_id: string | null
    actor: string
    dialect: string
    streamed: boolean
    route: string
    provider: string | null
    model: string | null
    rehearsal: boolean
    outcome: string
    error_code: string | null
    error_message: string | null
    downgraded_to: string | null
    budget_warnings: string[]
    finish_reason: string | null
    routing: Json<NonNullable<ModelCall['routing']>> | null
    attempts: Json<ModelCallAttempt[]>
    input_tokens: number
    output_tokens: number
    cached_input_tokens: number
    cache_write_tokens: number
    reasoning_tokens: number
    usage_estimated: boolean
    nano_usd: number
    cost_status: Cost['status']
    price_version: string
    service_tier: string | null
    cache: string | null
    saved_nano_usd: number
    structured_output: Json<NonNullable<ModelCall['structuredOutput']>> | null
    shadow_of: string | null
    data_classes: string[]
    guardrails: Json<GuardrailFinding[]>
    started_at: Date
    first_byte_ms: number | null
    duration_ms: number
  }
  model_call_feedback: Owned & {
    call_id: string
    api_key_id: string
    actor: string
    route: string
    provider: string
    model: string
    score: number
    comment: string | null
    given_at: Date
  }
  idempotency_keys: Owned & {
    key: string
    request_hash: string
    resource_id: string
    created_at: Now
  }
  audit_heads: {
    organisation_id: string
    sequence: number
    hash: string
    removed: Json<SignedAuditHead> | null
  }
  audit_log: {
    organisation_id: string
    sequence: number
    environment: string | null
    at: Date
    actor: string
    action: string
    subject: string
    body: string
    previous_hash: string
    hash: string
  }
  secret_master_key: { only_one: Generated<true>; id: string; since: Now }
  secrets: Owned & {
    name: string
    version: number
    use: SecretUse
    created_at: Now
    updated_at: Now
    updated_by: string
  }
  secret_versions: Owned & {
    name: string
    version: number
    /** Fingerprint of the master key that wraps the data key. */
    master_key: string
    wrapped_key: string
    ciphertext: string
  }
  stored_responses: Owned & {
    owner: string
    id: string
    route: string
    previous_id: string | null
    item_ids: string[]
    input: string
    response: string
    created_at: Now
    expires_at: Date
  }
  provider_files: Owned & {
    number: GeneratedAlways<number>
    owner: string
    id: string
    provider: string
    purpose: string
    object: string
    batch: Json<BatchTotalsRow> | null
    data_classes: string[]
  }
  provider_batches: Owned & {
    number: GeneratedAlways<number>
    owner: string
    id: string
    provider: string
    model: string
    caller: Json<BatchCallerRow>
    totals: Json<BatchTotalsRow>
    booked: Json<{ tokens: number; nanoUsd: number }>
    data_classes: string[]
    object: string
    checks: Generated<number>
    created_at: Date
    next_check_at: Date
    settled_at: Date | null
  }
  freezes: Owned & {
    id: string
    kind: FreezeKind
    name: string
    reason: string
    frozen_by: string
    frozen_at: Now
    lifted_by: string | null
    lifted_at: Date | null
  }
  triggers: Owned & {
    name: string
    version: string
    next_at: Date | null
    claimed_until: Date | null
    last_at: Date | null
    last_run_id: string | null
    last_error: string | null
  }
  tool_reviews: {
    organisation_id: string
    id: string
    tool: string
    version: string
    effect: ToolEffect
    risk: number
    state: ToolReviewState
    submitted_by: string
    submitted_in: string
    submitted_at: Date
    due_at: Date
    checks: Json<ToolCheck[]>
    history: Json<ToolReviewEntry[]>
  }
  spans: Owned & {
    trace_id: string
    span_id: string
    parent_span_id: string | null
    name: string
    started_at: Date
    duration_ms: number
    status: 'unset' | 'ok' | 'error'
    attributes: Json<Record<string, unknown>>
  }
}
