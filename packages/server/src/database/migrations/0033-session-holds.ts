/** What calls of a session that are under way may use at most, by call. */
export const sessionHolds = {
  name: '0033-session-holds',
  sql: `
alter table sessions add column held jsonb not null default '{}';
`,
} as const
