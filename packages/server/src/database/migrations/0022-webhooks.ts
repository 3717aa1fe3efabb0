/** Messages to webhooks, written with the events that they tell of, and approvals that are handed up. */
export const webhooks = {
  name: '0022-webhooks',
  sql: `
create sequence webhook_delivery_ids;
create table webhook_deliveries (
  organisation_id text not null references organisations,
  environment_id text not null references environments,
  id text primary key default 'msg_' || lpad(nextval('webhook_delivery_ids')::text, 18, '0'),
  webhook text not null,
  session_id text not null,
  sequence integer not null,
  run_id text not null,
  type text not null,
  state text not null default 'pending',
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  last_status integer,
  last_error text,
  created_at timestamptz not null default now()
);
create index webhook_deliveries_due on webhook_deliveries (next_at) where state = 'pending';
create index webhook_deliveries_listed on webhook_deliveries (organisation_id, environment_id, id);
create table disabled_webhooks (
  organisation_id text not null references organisations,
  environment_id text not null references environments,
  name text not null,
  reason text not null,
  disabled_at timestamptz not null default now(),
  primary key (organisation_id, environment_id, name)
);
alter table approvals add column escalates_at timestamptz;
alter table approvals add column escalated_at timestamptz;
alter table approvals add column needed integer not null default 1;
alter table approvals add column approved_by text[] not null default '{}';
create index approvals_to_escalate on approvals (escalates_at) where status = 'pending' and escalated_at is null;
`,
} as const
