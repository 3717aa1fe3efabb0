/** What was told of budgets, once for each window, and messages to webhooks that tell of no event of a session. */
export const budgetAlerts = {
  name: '0025-budget-alerts',
  sql: `
create table budget_alerts (
  organisation_id text not null references organisations,
  environment_id text not null,
  budget text not null,
  subject text not null,
  window_start timestamptz not null,
  type text not null,
  at timestamptz not null default now(),
  primary key (organisation_id, environment_id, budget, subject, window_start, type)
);
alter table webhook_deliveries add column payload jsonb;
`,
} as const
