/** Up to where rows of an audit log were removed because their time was over, signed. */
export const auditRetention = {
  name: '0032-audit-retention',
  sql: `
alter table audit_heads add column removed jsonb;
`,
} as const
