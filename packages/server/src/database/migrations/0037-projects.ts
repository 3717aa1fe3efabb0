/** Environments of their own for what belongs together, for everybody or for one team. */
export const projects = {
  name: '0037-projects',
  sql: `
create table projects (
  id text primary key,
  organisation_id text not null references organisations,
  name text not null,
  team_id text references teams,
  created_at timestamptz not null default now(),
  unique (organisation_id, name)
);
alter table environments add column project_id text references projects;
`,
} as const
