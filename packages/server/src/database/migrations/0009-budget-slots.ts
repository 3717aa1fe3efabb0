/**
 * How many calls replicas may have under way at once in a budget: by replica, how many slots it holds and until when, so
 * that those of a dead one are free again soon.
 */
export const budgetSlots = {
  name: '0009-budget-slots',
  sql: `
create table budget_slots (
  organisation_id text not null references organisations,
  environment_id text not null,
  budget text not null,
  subject text not null,
  holders jsonb not null default '{}',
  touched_at timestamptz not null default now(),
  primary key (organisation_id, environment_id, budget, subject)
);
create index budget_slots_old on budget_slots (touched_at);
`,
} as const
