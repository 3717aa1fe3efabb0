import type { DefineCommand } from '../context.ts'
import { instantOption } from '../instant-option.ts'
import { testPolicies } from '../manifest-commands.ts'
import { print, printJson, table } from '../output.ts'
import { visible } from '../visible.ts'

/** `causeway policy` */
export const definePolicy: DefineCommand = (policy, { json, connect }) => {
  policy
    .command('test <paths...>')
    .description('try the tests of the policies in files; nothing is applied')
    .action(async (paths: string[]) => testPolicies({ client: (await connect()).client, paths, json: json() }))
  policy
    .command('impact')
    .description('show of which calls something else would come with the policies in shadow')
    .option('--since <when>', 'an instant, or how long ago: 24h, 30d', instantOption)
    .action(async (query: { since?: string }) => {
      const impact = await (await connect()).client.policies.impact(query)
      if (json()) return printJson(impact)
      if (impact.data.length > 0)
        table(
          ['tool', 'agent', 'is', 'would be', 'calls', 'because of'],
          impact.data.map(({ tool, agent, answer, would, calls, reasons }) => [
            visible(tool),
            visible(agent),
            answer,
            would,
            String(calls),
            visible(reasons.join(', ')),
          ]),
        )
      const changed = impact.data.reduce((sum, { calls }) => sum + calls, 0)
      print(`Something else would come of ${changed} of ${impact.decisions} decisions since ${impact.since}.`)
    })
}
