import type { DefineCommand } from '../context.ts'
import { apply, diff, exportAll, plan, validate } from '../manifest-commands.ts'

/** `causeway validate` */
export const defineValidate: DefineCommand = (command, { json }) => {
  command.action((paths: string[]) => validate(paths, json()))
}

/** `causeway plan` */
export const definePlan: DefineCommand = (command, { json, connect }) => {
  command
    .option('--prune', 'delete what is not in the files')
    .action(async (paths: string[], { prune }: { prune?: true }) => {
      const { client } = await connect()
      await plan({ client, paths, prune: prune === true, json: json() })
    })
}

/** `causeway apply` */
export const defineApply: DefineCommand = (command, { json, connect }) => {
  command
    .option('--prune', 'delete what is not in the files')
    .option('-y, --yes', 'do not ask')
    .action(async (paths: string[], { prune, yes }: { prune?: true; yes?: true }) => {
      const { client } = await connect()
      await apply({ client, paths, prune: prune === true, yes: yes === true, json: json() })
    })
}

/** `causeway diff` */
export const defineDiff: DefineCommand = (command, { json, connect }) => {
  command.action(async (title: string, from?: string, to?: string) => {
    const { client } = await connect()
    await diff(client, title, from, to, json())
  })
}

/** `causeway export` */
export const defineExport: DefineCommand = (command, { json, connect }) => {
  command.option('--out <folder>', 'a file for each manifest').action(async ({ out }: { out?: string }) => {
    const { client } = await connect()
    await exportAll(client, out, json())
  })
}
