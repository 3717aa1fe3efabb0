import type { DefineCommand } from '../context.ts'
import { print, printJson, table } from '../output.ts'
import { visible } from '../visible.ts'

/** `causeway triggers` */
export const defineTriggers: DefineCommand = (triggers, { json, connect }) => {
  triggers
    .command('list')
    .description('list the triggers in force, with what they have done')
    .action(async () => {
      const { data } = await (await connect()).client.triggers.list()
      if (json()) return printJson({ data })
      if (data.length === 0) return print('There are no triggers.')
      table(
        ['trigger', 'agent', 'next', 'last', 'run', 'problem'],
        data.map(({ name, agent, path, nextAt, lastAt, lastRunId, lastError }) => [
          name,
          agent,
          nextAt ?? path ?? '',
          lastAt ?? '',
          lastRunId ?? '',
          visible(lastError ?? ''),
        ]),
      )
    })
  triggers
    .command('fire <name>')
    .description('fire a trigger now')
    .action(async (name: string) => {
      const run = await (await connect()).client.triggers.fire(name)
      if (json()) printJson(run)
      else print(`Started ${run.id}.`)
    })
  triggers
    .command('send <name> <message>')
    .description('send a message to a trigger, which starts a run')
    .option('--id <id>', 'the same id starts one run')
    .action(async (name: string, message: string, { id }: { id?: string }) => {
      const { client } = await connect()
      const sent = await client.triggers.send(name, { body: message, ...(id !== undefined && { id }) })
      if (json()) printJson(sent)
      else print(`Started ${sent.runId}.`)
    })
}
