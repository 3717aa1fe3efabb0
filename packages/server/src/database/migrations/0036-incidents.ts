/** What went wrong, and what is done about it. */
export const incidents = {
  name: '0036-incidents',
  sql: `
create table incidents (
  organisation_id text not null references organisations,
  environment_id text not null,
  id text primary key,
  title text not null,
  severity text not null,
  status text not null,
  about jsonb not null,
  assignee text,
  opened_by text not null,
  opened_at timestamptz not null default now(),
  acknowledged_at timestamptz,
  resolved_at timestamptz
);
create index incidents_of_environment on incidents (organisation_id, environment_id, id desc);
create table incident_entries (
  organisation_id text not null,
  environment_id text not null,
  incident_id text not null references incidents,
  sequence int not null,
  at timestamptz not null default now(),
  actor text not null,
  note text,
  changed jsonb not null,
  primary key (incident_id, sequence)
);
`,
} as const
