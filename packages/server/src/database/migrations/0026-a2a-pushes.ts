/** Where clients of A2A want to be told how their tasks stand. */
export const a2aPushes = {
  name: '0026-a2a-pushes',
  sql: `
create table a2a_pushes (
  organisation_id text not null references organisations,
  environment_id text not null,
  run_id text not null references runs on delete cascade,
  id text not null,
  url text not null,
  credentials text,
  created_at timestamptz not null default now(),
  primary key (run_id, id)
);
`,
} as const
