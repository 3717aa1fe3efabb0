/** Why a call of a model was refused, sent elsewhere or warned of. */
export const modelCallReasons = {
  name: '0006-model-call-reasons',
  sql: `
alter table model_calls
  add column error_message text,
  add column downgraded_to text,
  add column budget_warnings text[] not null default '{}';
`,
} as const
