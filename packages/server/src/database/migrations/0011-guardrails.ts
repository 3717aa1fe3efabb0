/** What guardrails have found in a call, and of which classes its data was. */
export const guardrails = {
  name: '0011-guardrails',
  sql: `
alter table model_calls add column data_classes text[] not null default '{}', add column guardrails jsonb not null default '[]';
`,
} as const
