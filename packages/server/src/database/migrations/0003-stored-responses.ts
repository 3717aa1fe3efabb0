/** Responses that clients want kept, so that a conversation can go on by the id of its last one. */
export const storedResponses = {
  name: '0003-stored-responses',
  sql: `
create table stored_responses (
  organisation_id text not null,
  environment_id text not null references environments,
  owner text not null,
  id text not null,
  route text not null,
  previous_id text,
  item_ids text[] not null,
  input text not null,
  response text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (organisation_id, environment_id, owner, id)
);
create index stored_responses_by_item on stored_responses using gin (item_ids);
create index stored_responses_overdue on stored_responses (expires_at);
`,
} as const
