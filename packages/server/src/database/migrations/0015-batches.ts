/** Whose the files and batches at providers are, and what a batch was booked at until its end tells more. */
export const batches = {
  name: '0015-batches',
  sql: `
create table provider_files (
  number bigint generated always as identity,
  organisation_id text not null,
  environment_id text not null references environments,
  owner text not null,
  id text not null,
  provider text not null,
  purpose text not null,
  object text not null,
  batch jsonb,
  data_classes text[] not null,
  primary key (organisation_id, environment_id, id)
);
create index provider_files_by_owner on provider_files (organisation_id, environment_id, owner, number);
create table provider_batches (
  number bigint generated always as identity,
  organisation_id text not null,
  environment_id text not null references environments,
  owner text not null,
  id text not null,
  provider text not null,
  model text not null,
  caller jsonb not null,
  totals jsonb not null,
  booked jsonb not null,
  data_classes text[] not null,
  object text not null,
  checks integer not null default 0,
  created_at timestamptz not null,
  next_check_at timestamptz not null,
  settled_at timestamptz,
  primary key (organisation_id, environment_id, id)
);
create index provider_batches_by_owner on provider_batches (organisation_id, environment_id, owner, number);
create index provider_batches_due on provider_batches (next_check_at) where settled_at is null;
`,
} as const
