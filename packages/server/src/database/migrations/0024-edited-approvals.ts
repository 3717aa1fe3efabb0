/** Calls that a person approves with other arguments than the model asked for, or hands on to another. */
export const editedApprovals = {
  name: '0024-edited-approvals',
  sql: `
alter table approvals add column edited jsonb, add column assigned_to text;
create index approvals_last on approvals (organisation_id, environment_id, agent, tool, decided_at desc) where status = 'approved';
`,
} as const
