/** Values of secrets, each encrypted with a data key of its own that the master key wraps. The master key is not in the database. */
export const secrets = {
  name: '0007-secrets',
  sql: `
create table secret_master_key (
  only_one boolean primary key default true check (only_one),
  id text not null,
  since timestamptz not null default now()
);

create table secrets (
  organisation_id text not null references organisations,
  environment_id text not null references environments,
  name text not null,
  version bigint not null,
  use text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  updated_by text not null,
  primary key (organisation_id, environment_id, name)
);

create table secret_versions (
  organisation_id text not null,
  environment_id text not null,
  name text not null,
  version bigint not null,
  master_key text not null,
  wrapped_key text not null,
  ciphertext text not null,
  primary key (organisation_id, environment_id, name, version),
  foreign key (organisation_id, environment_id, name) references secrets on delete cascade
);
create index secret_versions_by_master_key on secret_versions (master_key);
`,
}
