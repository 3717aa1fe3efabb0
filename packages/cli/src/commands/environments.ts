import type { DefineCommand } from '../context.ts'
import { showPage } from '../show-list.ts'

/** `causeway environments` and `causeway environments list` */
export const defineEnvironments: DefineCommand = (environments, { json, connect }) => {
  environments
    .command('list', { isDefault: true })
    .description('list the environments')
    .action(async () => {
      const { client } = await connect()
      showPage(await client.environments.list(), {
        json: json(),
        head: ['environment', 'id'],
        row: ({ name, id }) => [name, id],
      })
    })
}
