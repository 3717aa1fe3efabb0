/** Sessions whose words were erased. */
export const erasure = {
  name: '0023-erasure',
  sql: `
alter table sessions add column erased_at timestamptz;
create index sessions_forked on sessions (forked_from) where forked_from is not null;
create index runs_requested_by on runs (organisation_id, environment_id, requested_by);
`,
} as const
