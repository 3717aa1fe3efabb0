import { UsageBy, UsageOf, type BudgetState, type Usage } from '@causeway/contracts'
import { Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { instantOption } from '../instant-option.ts'
import { print, printJson, table, usd } from '../output.ts'
import { visible } from '../visible.ts'

interface UsageOptions {
  since?: string
  until?: string
  by?: UsageBy
  of?: UsageOf
}

/** `causeway usage` */
export const defineUsage: DefineCommand = (command, { json, connect }) => {
  command
    .option('--since <when>', 'an instant, or how long ago: 24h, 7d (default: 30d)', instantOption)
    .option('--until <when>', 'an instant, or how long ago', instantOption)
    .addOption(new Option('--by <what>', 'group by').choices(UsageBy.options))
    .addOption(
      new Option('--of <whose>', 'whose use (default: the widest that the key may see)').choices(UsageOf.options),
    )
    .action(async (options: UsageOptions) => {
      const usage = await (await connect()).client.usage(options)
      if (json()) printJson(usage)
      else show(usage)
    })
}

const head = ['requests', 'failed', 'input', 'output', 'cost', 'saved', 'estimated', 'unpriced']

const cells = (used: Usage['total']): string[] => [
  String(used.requests),
  String(used.failed),
  String(used.inputTokens),
  String(used.outputTokens),
  usd(used.nanoUsd),
  used.cacheHits > 0 ? `${usd(used.savedNanoUsd)} by ${used.cacheHits} hits` : '',
  String(used.estimated),
  String(used.unpriced),
]

function show({ of, by, since, until, total, groups, cut, budgets }: Usage): void {
  print(`Use of this ${of}, ${since} to ${until}`)
  const rows = groups.map(group => [visible(group.label ?? group.group ?? '(none)'), ...cells(group)])
  table([by ?? '', ...head], [...rows, ['total', ...cells(total)]])
  if (cut) print('There are more groups; ask for a shorter time.')
  if (budgets.length === 0) return
  print('')
  table(
    ['budget', 'window', 'each', 'requests', 'tokens', 'cost', 'at once', 'resets'],
    budgets.map(budget => [
      budget.name,
      budget.window,
      budget.each ?? 'all',
      share(budget, 'requests', String),
      share(budget, 'tokens', String),
      share(budget, 'nanoUsd', usd),
      budget.limits.concurrent === null ? '' : share(budget, 'concurrent', String),
      budget.resetsAt,
    ]),
  )
}

function share(
  { used, limits }: BudgetState,
  what: keyof BudgetState['used'],
  text: (value: number) => string,
): string {
  const limit = limits[what]
  return limit === null ? text(used[what]) : `${text(used[what])} of ${text(limit)}`
}
