import type { DefineCommand } from '../context.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'

/** `causeway agents` */
export const defineAgents: DefineCommand = (agents, { json, connect }) => {
  listCommand(agents, 'list the agents of the environment').action(async (query: ListOptions) => {
    const { client } = await connect()
    await showList(client.agents, query, {
      json: json(),
      head: ['agent', 'model', 'tools', 'version'],
      row: ({ name, model, tools, version }) => [name, model, tools.join(' '), version.slice(0, 12)],
    })
  })
}
