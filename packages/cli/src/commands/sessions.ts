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
}
