import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { print, printJson } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

/** `causeway memories` */
export const defineMemories: DefineCommand = (memories, { json, connect }) => {
  listCommand(memories, 'list what agents remember, newest first; with --all --json it is a file to hand to a person')
    .option('--store <name>', 'only of this MemoryStore')
    .option('--of <person>', 'only of this person, such as user:ada')
    .option('--agent <name>', 'only what this agent remembers')
    .action(async ({ of: person, ...query }: ListOptions & { store?: string; of?: string; agent?: string }) => {
      const { client } = await connect()
      await showList(
        client.memories,
        { ...query, ...(person !== undefined && { person }) },
        {
          json: json(),
          head: ['memory', 'store', 'of', 'agent', 'key', 'text', 'relied on', 'updated', 'expires'],
          row: each => [
            each.id,
            each.store,
            visible(each.person),
            each.agent,
            visible(each.key ?? ''),
            visible(each.text),
            each.label.integrity,
            each.updatedAt,
            each.expiresAt ?? '',
          ],
        },
      )
    })
  memories
    .command('erase <id>')
    .description('erase a memory; all of a person go with: causeway sessions erase --of')
    .option('-y, --yes', 'say that you are sure; nothing is erased without it')
    .action(async (id: string, { yes }: { yes?: true }) => {
      if (!yes) throw new CommandError('What is erased cannot be brought back. Say --yes to erase it.')
      const erased = await (await connect()).client.memories.erase(id)
      if (json()) printJson(erased)
      else print(`Erased: ${erased.id} of ${visible(erased.person)}`)
    })
}
