import { RunStatus } from '@causeway/contracts'
import { Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { brief, print, printJson, usd } from '../output.ts'
import { listCommand, showList, showObject, type ListOptions } from '../show-list.ts'

/** `causeway runs` */
export const defineRuns: DefineCommand = (runs, { json, connect }) => {
  listCommand(runs, 'list runs, newest first')
    .option('--agent <name>')
    .addOption(new Option('--status <status>').choices(RunStatus.options))
    .action(async (query: ListOptions & { agent?: string; status?: RunStatus }) => {
      const { client } = await connect()
      await showList(client.runs, query, {
        json: json(),
        head: ['run', 'agent', 'status', 'reason', 'tokens', 'cost', 'created'],
        row: ({ id, agent, status, reason, spent, createdAt }) => [
          id,
          agent,
          status,
          reason ?? '',
          String(spent.inputTokens + spent.outputTokens),
          usd(spent.nanoUsd),
          createdAt,
        ],
      })
    })
  runs
    .command('get <id>')
    .description('read a run')
    .action(async (id: string) => showObject(await (await connect()).client.runs.get(id), json()))
  runs
    .command('events <id>')
    .description('read the events of a run, one a line')
    .action(async (id: string) => {
      const { client } = await connect()
      for (const event of await client.runs.events(id)) {
        const { sequence, at, type, data } = event
        if (json()) printJson(event)
        else print(`${String(sequence).padStart(4)}  ${at}  ${type.padEnd(18)}  ${brief(data)}`)
      }
    })
  runs
    .command('cancel <id>')
    .description('stop a run')
    .action(async (id: string) => {
      const { status } = await (await connect()).client.runs.cancel(id)
      if (json()) printJson({ id, status })
      else print(status === 'running' ? `${id} is being stopped.` : `${id} is ${status}.`)
    })
}
