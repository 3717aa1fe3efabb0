/**
 * What is used of budgets, and what calls of models were made. `leased` is set aside by replicas that spend it without
 * asking again; it counts as used.
 */
export const budgets = {
  name: '0004-budgets',
  sql: `
create table budget_counters (
  organisation_id text not null references organisations,
  environment_id text not null,
  budget text not null,
  subject text not null,
  window_start timestamptz not null,
  requests_spent bigint not null default 0,
  requests_leased bigint not null default 0,
  tokens_spent bigint not null default 0,
  tokens_leased bigint not null default 0,
  nano_usd_spent bigint not null default 0,
  nano_usd_leased bigint not null default 0,
  primary key (organisation_id, environment_id, budget, subject, window_start)
);
create index budget_counters_old on budget_counters (window_start);

create table model_calls (
  id text primary key,
  organisation_id text not null,
  environment_id text not null references environments,
  api_key_id text not null,
  user_id text,
  team_id text,
  actor text not null,
  dialect text not null,
  streamed boolean not null,
  route text not null,
  provider text,
  model text,
  rehearsal boolean not null,
  outcome text not null,
  error_code text,
  finish_reason text,
  routing jsonb,
  attempts jsonb not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cached_input_tokens bigint not null,
  cache_write_tokens bigint not null,
  reasoning_tokens bigint not null,
  usage_estimated boolean not null,
  nano_usd bigint not null,
  cost_status text not null,
  price_version text not null,
  cache text,
  started_at timestamptz not null,
  first_byte_ms integer,
  duration_ms integer not null
);
create index model_calls_by_time on model_calls (organisation_id, environment_id, started_at desc, id desc);
create index model_calls_by_key on model_calls (organisation_id, environment_id, api_key_id, started_at desc);
create index model_calls_old on model_calls (started_at);
`,
} as const
