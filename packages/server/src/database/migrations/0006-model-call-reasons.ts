/** Why a call of a model was refused, sent elsewhere or warned of; and what runs used can be summed over a stretch of time. */
export const modelCallReasons = {
  name: '0006-model-call-reasons',
  sql: `
alter table model_calls
  add column error_message text,
  add column downgraded_to text,
  add column budget_warnings text[] not null default '{}';
create index ledger_entries_by_time on ledger_entries (organisation_id, environment_id, created_at)
  where kind = 'model' and state = 'settled';
`,
} as const
