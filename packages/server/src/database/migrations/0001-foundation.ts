/** Tables of the foundation. Rows that belong to an environment carry organisation_id and environment_id. */
export const foundation = {
  name: '0001-foundation',
  sql: `
create table organisations (id text primary key, name text not null unique, created_at timestamptz not null default now());

create table environments (
  id text primary key,
  organisation_id text not null references organisations,
  name text not null,
  created_at timestamptz not null default now(),
  unique (organisation_id, name)
);

create table teams (
  id text primary key,
  organisation_id text not null references organisations,
  name text not null,
  created_at timestamptz not null default now(),
  unique (organisation_id, name)
);

create table users (
  id text primary key,
  organisation_id text not null references organisations,
  name text not null,
  email text,
  role text not null,
  created_at timestamptz not null default now(),
  unique (organisation_id, email)
);

create table api_keys (
  id text primary key,
  organisation_id text not null references organisations,
  environment_id text references environments,
  team_id text references teams,
  user_id text references users,
  name text not null,
  prefix text not null,
  hash text not null unique,
  role text not null,
  rights text[] not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index api_keys_list on api_keys (organisation_id, id);

create table console_sessions (
  hash text primary key,
  api_key_id text not null references api_keys,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

create table manifests (
  organisation_id text not null references organisations,
  kind text not null,
  name text not null,
  version text not null,
  description text,
  spec jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (organisation_id, kind, name, version)
);

create table active_manifests (
  organisation_id text not null,
  environment_id text not null references environments,
  kind text not null,
  name text not null,
  version text not null,
  applied_at timestamptz not null default now(),
  applied_by text not null,
  primary key (organisation_id, environment_id, kind, name),
  foreign key (organisation_id, kind, name, version) references manifests
);

create table sessions (
  id text primary key,
  organisation_id text not null references organisations,
  environment_id text not null references environments,
  agent text not null,
  agent_version text not null,
  last_sequence bigint not null default 0,
  created_at timestamptz not null default now(),
  created_by text not null
);
create index sessions_list on sessions (organisation_id, environment_id, id);

create table runs (
  id text primary key,
  organisation_id text not null references organisations,
  environment_id text not null references environments,
  session_id text not null references sessions,
  agent text not null,
  agent_version text not null,
  status text not null,
  fence bigint not null default 0,
  input text not null,
  output text,
  reason text,
  message text,
  limit_name text,
  limits jsonb not null,
  steps bigint not null default 0,
  tool_calls bigint not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  nano_usd bigint not null default 0,
  worked_ms bigint not null default 0,
  rehearsal boolean not null default false,
  trace_id text not null,
  requested_by text not null,
  api_key_id text not null references api_keys,
  cancel_requested_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz
);
create index runs_list on runs (organisation_id, environment_id, id);
create index runs_by_session on runs (session_id, id);
create unique index runs_one_active_per_session on runs (session_id) where ended_at is null;

create table events (
  session_id text not null references sessions,
  sequence bigint not null,
  run_id text not null references runs,
  organisation_id text not null,
  environment_id text not null,
  type text not null,
  schema_version int not null,
  data jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (session_id, sequence)
);

create table approvals (
  id text primary key,
  organisation_id text not null references organisations,
  environment_id text not null references environments,
  run_id text not null references runs,
  session_id text not null,
  agent text not null,
  call_id text not null,
  tool text not null,
  tool_version text not null,
  arguments jsonb not null,
  binding text not null,
  decision jsonb not null,
  requested_by text not null,
  status text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  decided_at timestamptz,
  decided_by text,
  comment text,
  unique (run_id, call_id)
);
create index approvals_list on approvals (organisation_id, environment_id, id);
create index approvals_pending on approvals (expires_at) where status = 'pending';

create table effects (
  organisation_id text not null,
  environment_id text not null,
  key text not null,
  run_id text not null references runs,
  call_id text not null,
  tool text not null,
  tool_version text not null,
  arguments_hash text not null,
  state text not null,
  attempts int not null default 0,
  result jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organisation_id, environment_id, key)
);

create table ledger_entries (
  id text primary key,
  organisation_id text not null,
  environment_id text not null,
  run_id text,
  api_key_id text not null,
  kind text not null,
  subject text not null,
  state text not null,
  reserved_tokens bigint not null,
  reserved_nano_usd bigint not null,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  nano_usd bigint not null default 0,
  cost_status text,
  price_version text,
  created_at timestamptz not null default now(),
  settled_at timestamptz
);
create index ledger_entries_by_run on ledger_entries (run_id);
create index ledger_entries_open on ledger_entries (created_at) where state = 'reserved';

create table idempotency_keys (
  organisation_id text not null,
  environment_id text not null,
  key text not null,
  request_hash text not null,
  resource_id text not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, environment_id, key)
);

create table audit_heads (organisation_id text primary key references organisations, sequence bigint not null, hash text not null);

create table audit_log (
  organisation_id text not null references organisations,
  sequence bigint not null,
  environment text,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  body text not null,
  previous_hash text not null,
  hash text not null,
  primary key (organisation_id, sequence)
);

create table spans (
  organisation_id text not null,
  environment_id text not null,
  trace_id text not null,
  span_id text not null,
  parent_span_id text,
  name text not null,
  started_at timestamptz not null,
  duration_ms double precision not null,
  status text not null,
  attributes jsonb not null,
  primary key (trace_id, span_id)
);
create index spans_by_owner on spans (organisation_id, environment_id, started_at);
`,
} as const
