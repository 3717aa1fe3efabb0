import type { DefineCommand } from '../context.ts'
import { testPolicies } from '../manifest-commands.ts'

/** `causeway policy` */
export const definePolicy: DefineCommand = (policy, { json, connect }) => {
  policy
    .command('test <paths...>')
    .description('try the tests of the policies in files; nothing is applied')
    .action(async (paths: string[]) => testPolicies({ client: (await connect()).client, paths, json: json() }))
}
