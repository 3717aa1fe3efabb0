/** The life of versions of tools, which is the same in all environments of an organisation. */
export const toolReviews = {
  name: '0017-tool-reviews',
  sql: `
create table tool_reviews (
  organisation_id text not null references organisations,
  id text not null,
  tool text not null,
  version text not null,
  effect text not null,
  risk integer not null,
  state text not null,
  submitted_by text not null,
  submitted_in text not null,
  submitted_at timestamptz not null,
  due_at timestamptz not null,
  checks jsonb not null,
  history jsonb not null,
  primary key (organisation_id, id),
  unique (organisation_id, tool, version)
);
create index tool_reviews_blocked on tool_reviews (organisation_id) where state in ('quarantined', 'retired');
`,
} as const
