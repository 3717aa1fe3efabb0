/** Files that users hand to agents. Events name them by their ids. */
export const attachments = {
  name: '0027-attachments',
  sql: `
create table attachments (
  organisation_id text not null references organisations,
  environment_id text not null,
  id text primary key,
  session_id text not null references sessions on delete cascade,
  media_type text not null,
  name text not null,
  -- Base64, as it comes and as models are sent it.
  data text not null,
  created_at timestamptz not null default now()
);
create index attachments_of_session on attachments (session_id);
`,
} as const
