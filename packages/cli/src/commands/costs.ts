import type { DefineCommand } from '../context.ts'
import { instantOption } from '../instant-option.ts'
import { print, printJson, table, usd } from '../output.ts'
import { visible } from '../visible.ts'

interface RepriceOptions {
  since: string
  until?: string
  provider?: string
  model?: string
  apply?: true
}

/** `causeway costs` */
export const defineCosts: DefineCommand = (costs, { json, connect }) => {
  costs
    .command('reprice')
    .description('price stored model calls by the prices in force now, and show the difference')
    .requiredOption('--since <when>', 'an instant, or how long ago: 24h, 30d', instantOption)
    .option('--until <when>', 'an instant, or how long ago', instantOption)
    .option('--provider <name>')
    .option('--model <name>')
    .option('--apply', 'keep the new costs; without it they are only shown')
    .action(async (options: RepriceOptions) => {
      const result = await (await connect()).client.costs.reprice(options)
      if (json()) return printJson(result)
      if (result.models.length > 0)
        table(
          ['provider', 'model', 'calls', 'changed', 'before', 'after', 'unpriced', 'prices'],
          result.models.map(model => [
            visible(model.provider),
            visible(model.model),
            String(model.calls),
            String(model.changed),
            usd(model.beforeNanoUsd),
            usd(model.afterNanoUsd),
            String(model.unpriced),
            model.priceVersion ?? 'not in force any more',
          ]),
        )
      const what = `${result.changed} of ${result.calls} calls: ${usd(result.beforeNanoUsd)} before, ${usd(result.afterNanoUsd)} after`
      if (result.changed === 0) return print(`Nothing changes for ${result.calls} calls.`)
      print(result.applied ? `Priced anew, ${what}.` : `Would change ${what}. Keep it with --apply.`)
    })
}
