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
}
