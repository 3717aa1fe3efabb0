/** Sessions that must not be erased, with why. */
export const legalHolds = {
  name: '0031-legal-holds',
  sql: `
alter table sessions add column hold jsonb;
`,
} as const
