import { FreezeKind } from '@causeway/contracts'
import { Argument } from 'commander'
import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { print, printJson } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

/** `causeway freezes` */
export const defineFreezes: DefineCommand = (freezes, { json, connect }) => {
  listCommand(freezes, 'list what is frozen, newest first')
    .option('--lifted', 'those that were lifted too')
    .action(async ({ lifted, ...query }: ListOptions & { lifted?: true }) => {
      const { client } = await connect()
      const filters = { ...query, ...(!lifted && { inForce: 'true' as const }) }
      await showList(client.freezes, filters, {
        json: json(),
        head: ['freeze', 'kind', 'name', 'reason', 'by', 'since', 'lifted'],
        row: each => [
          each.id,
          each.kind,
          visible(each.name),
          visible(each.reason),
          visible(each.frozenBy),
          each.frozenAt,
          each.liftedAt ?? '',
        ],
      })
    })
  freezes
    .command('set')
    .description('freeze something at once: it calls no model and no tool until that is lifted')
    .addArgument(new Argument('<kind>').choices(FreezeKind.options))
    .argument('<name>')
    .requiredOption('--reason <text>')
    .action(async (kind: FreezeKind, name: string, { reason }: { reason: string }) => {
      const freeze = await (await connect()).client.freezes.set({ kind, name, reason })
      if (json()) printJson(freeze)
      else
        print(`Frozen: ${freeze.kind} ${visible(freeze.name)}. Lift it with: causeway freezes lift ${freeze.id} --yes`)
    })
  freezes
    .command('lift <id>')
    .description('let something act again')
    .option('-y, --yes', 'say that you are sure; nothing is lifted without it')
    .action(async (id: string, { yes }: { yes?: true }) => {
      const { client } = await connect()
      const found = await client.freezes.find(id)
      if (!found) throw new CommandError(`There is no freeze ${id} in force.`)
      if (!yes)
        throw new CommandError(
          `${found.kind} ${visible(found.name)} is frozen: ${visible(found.reason)}. Say --yes to lift that.`,
        )
      const lifted = await client.freezes.lift(id, { confirm: found.name })
      if (json()) printJson(lifted)
      else print(`Lifted: ${lifted.kind} ${visible(lifted.name)}`)
    })
}
