/** What calls saved that were given an answer again. */
export const keptAnswers = {
  name: '0008-kept-answers',
  sql: `
alter table model_calls add column saved_nano_usd bigint not null default 0;
`,
} as const
