/** What was thought of the answers of calls, with the target that gave each, by which adaptive routes choose. */
export const feedback = {
  name: '0012-feedback',
  sql: `
create table model_call_feedback (
  organisation_id text not null,
  environment_id text not null,
  call_id text not null references model_calls on delete cascade,
  api_key_id text not null,
  actor text not null,
  route text not null,
  provider text not null,
  model text not null,
  score double precision not null,
  comment text,
  given_at timestamptz not null,
  primary key (call_id, api_key_id)
);
create index model_call_feedback_by_time on model_call_feedback (organisation_id, environment_id, given_at);
`,
} as const
