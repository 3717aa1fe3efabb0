/** How urgent runs are, and those that wait for a worker, to be counted for each tenant. */
export const runPriorities = {
  name: '0021-run-priorities',
  sql: `
alter table runs add column priority text not null default 'interactive';
create index runs_queued on runs (organisation_id, environment_id) where status = 'queued';
`,
} as const
