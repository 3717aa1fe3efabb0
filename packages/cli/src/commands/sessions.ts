import type { DefineCommand } from '../context.ts'
import { listCommand, showList, showObject, type ListOptions } from '../show-list.ts'

/** `causeway sessions` */
export const defineSessions: DefineCommand = (sessions, { json, connect }) => {
  listCommand(sessions, 'list sessions, newest first').action(async (query: ListOptions) => {
    const { client } = await connect()
    await showList(client.sessions, query, {
      json: json(),
      head: ['session', 'agent', 'events', 'created'],
      row: ({ id, agent, lastSequence, createdAt }) => [id, agent, String(lastSequence), createdAt],
    })
  })
  sessions
    .command('get <id>')
    .description('read a session')
    .action(async (id: string) => showObject(await (await connect()).client.sessions.get(id), json()))
  sessions
    .command('fork <id>')
    .description('go on from a place in a session, in a session of its own')
    .requiredOption('--after <sequence>', 'the last event that is kept; see: causeway runs events', Number)
    .option('--agent-version <version>', 'another version of the agent, or "active" for the one in force')
    .action(async (id: string, request: { after: number; agentVersion?: string }) =>
      showObject(await (await connect()).client.sessions.fork(id, request), json()),
    )
}
