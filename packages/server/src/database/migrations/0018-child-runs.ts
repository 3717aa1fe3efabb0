/** Runs that other runs have started. */
export const childRuns = {
  name: '0018-child-runs',
  sql: `
alter table runs add column parent_run_id text, add column parent_call_id text, add column depth integer not null default 0;
create unique index runs_of_parent on runs (parent_run_id, parent_call_id) where parent_run_id is not null;
`,
} as const
