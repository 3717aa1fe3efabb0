/**
 * A record of a call costs less to write: environments are never deleted, so that none need be looked up for each row, and what is
 * old stands at the beginning of the table, as rows come in the order of their time.
 */
export const cheaperCalls = {
  name: '0028-cheaper-calls',
  sql: `
alter table model_calls drop constraint model_calls_environment_id_fkey;
drop index model_calls_old;
create index model_calls_old on model_calls using brin (started_at);
`,
} as const
