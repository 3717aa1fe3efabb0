/** A number that tells whether what is in force in an environment has changed, so that a replica need not read all of it again. */
export const manifestsRevision = {
  name: '0029-manifests-revision',
  sql: `
alter table environments add column manifests_revision integer not null default 0;
`,
} as const
