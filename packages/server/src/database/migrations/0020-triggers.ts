/** What triggers have done, and when those with a schedule are due. */
export const triggers = {
  name: '0020-triggers',
  sql: `
create table triggers (
  organisation_id text not null references organisations,
  environment_id text not null references environments,
  name text not null,
  version text not null,
  next_at timestamptz,
  claimed_until timestamptz,
  last_at timestamptz,
  last_run_id text,
  last_error text,
  primary key (organisation_id, environment_id, name)
);
create index triggers_due on triggers (next_at) where next_at is not null;
`,
} as const
