/** Sessions that go on from a place in another one, and runs that repeat another. */
export const forks = {
  name: '0019-forks',
  sql: `
alter table sessions add column forked_from text, add column forked_after bigint;
alter table runs add column replay_of text;
`,
} as const
