/** Whether an answer fits the schema that was asked for, where a route has it checked. */
export const structuredOutput = {
  name: '0010-structured-output',
  sql: `
alter table model_calls add column structured_output jsonb;
`,
} as const
