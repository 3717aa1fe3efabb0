/** Model calls of a team's own loop are those of an agent, in a session of it, which knows of which classes the data is that was read in it. */
export const callsOfSessions = {
  name: '0030-calls-of-sessions',
  sql: `
alter table model_calls add column agent text, add column session_id text;
alter table sessions add column data_classes text[] not null default '{}';
create index model_calls_session on model_calls (organisation_id, environment_id, session_id) where session_id is not null;
`,
} as const
