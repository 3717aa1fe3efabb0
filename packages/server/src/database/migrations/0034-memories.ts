/** What agents have remembered, each for its owner: a person, an agent, or all of the environment. */
export const memories = {
  name: '0034-memories',
  sql: `
create table memories (
  organisation_id text not null references organisations,
  environment_id text not null,
  id text primary key,
  store text not null,
  -- Whose it is: an actor, the name of an agent, or nothing for that of the environment.
  owner text not null,
  key text,
  body text not null,
  label jsonb not null,
  model_made boolean not null,
  person text not null,
  agent text not null,
  session_id text not null,
  run_id text not null,
  -- Of the call that has remembered it last, so that one that is made again changes nothing.
  effect_key text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  expires_at timestamptz
);
create index memories_of_owner on memories (organisation_id, environment_id, store, owner, updated_at desc);
create unique index memory_of_key on memories (organisation_id, environment_id, store, owner, key) where key is not null;
create unique index memory_of_effect on memories (organisation_id, environment_id, effect_key);
create index memories_of_person on memories (organisation_id, environment_id, person);
create index memories_of_session on memories (session_id);
create index memories_that_expire on memories (expires_at) where expires_at is not null;
`,
} as const
