/** What was good and bad for the objectives of services, in slots of five minutes, and the alerts that fire. */
export const objectives = {
  name: '0035-objectives',
  sql: `
create table objective_counts (
  organisation_id text not null references organisations,
  environment_id text not null,
  objective text not null,
  slot timestamptz not null,
  good bigint not null,
  bad bigint not null,
  primary key (organisation_id, environment_id, objective, slot)
);
create index objective_counts_by_age on objective_counts (slot);
create table objective_alerts (
  organisation_id text not null references organisations,
  environment_id text not null,
  objective text not null,
  -- The window of the burn rate.
  hours int not null,
  since timestamptz not null,
  primary key (organisation_id, environment_id, objective, hours)
);
`,
} as const
