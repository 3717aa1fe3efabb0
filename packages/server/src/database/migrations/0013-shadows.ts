/** Calls that were made beside another one, to compare models. */
export const shadows = {
  name: '0013-shadows',
  sql: `
alter table model_calls add column shadow_of text;
`,
} as const
