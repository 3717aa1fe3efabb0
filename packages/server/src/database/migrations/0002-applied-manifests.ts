/** Which versions have been in force in which environment: what is readable there is what was applied there. */
export const appliedManifests = {
  name: '0002-applied-manifests',
  sql: `
create table applied_manifests (
  organisation_id text not null,
  environment_id text not null references environments,
  kind text not null,
  name text not null,
  version text not null,
  first_applied_at timestamptz not null default clock_timestamp(),
  primary key (organisation_id, environment_id, kind, name, version),
  foreign key (organisation_id, kind, name, version) references manifests
);

insert into applied_manifests (organisation_id, environment_id, kind, name, version, first_applied_at)
select organisation_id, environment_id, kind, name, version, applied_at from active_manifests;
`,
} as const
