/** What may not act, until somebody lifts it. */
export const freezes = {
  name: '0016-freezes',
  sql: `
create table freezes (
  organisation_id text not null,
  environment_id text not null references environments,
  id text not null,
  kind text not null,
  name text not null,
  reason text not null,
  frozen_by text not null,
  frozen_at timestamptz not null default now(),
  lifted_by text,
  lifted_at timestamptz,
  primary key (organisation_id, environment_id, id)
);
create unique index freezes_in_force on freezes (organisation_id, environment_id, kind, name) where lifted_at is null;
`,
} as const
