import type { ServiceLevelObjective } from '@causeway/contracts'
import type { DefineCommand } from '../context.ts'
import { print, printJson, table } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'

/** `causeway slos` */
export const defineSlos: DefineCommand = (slos, { json, connect }) => {
  listCommand(slos, 'list service level objectives with what is left of their error budgets').action(
    async (query: ListOptions) => {
      const { client } = await connect()
      await showList(client.serviceLevelObjectives, query, {
        json: json(),
        head: ['objective', 'of', 'target', 'attained', 'days', 'good', 'bad', 'budget left', 'burns'],
        row: each => [
          each.name,
          subjectOf(each),
          `${each.spec.target} %`,
          each.attained === null ? '–' : percent(each.attained),
          String(each.windowDays),
          String(each.good),
          String(each.bad),
          percent(each.errorBudget.remainingPercent),
          burning(each),
        ],
      })
    },
  )
  slos
    .command('get <name>')
    .description('show an objective, its burn rates, and day by day what was good and bad')
    .action(async (name: string) => {
      const { client } = await connect()
      const found = await client.serviceLevelObjectives.get(name)
      if (json()) return printJson(found)
      const { spec, windowDays, attained, errorBudget, burn, days } = found
      print(`${found.name}: ${spec.target} % of ${subjectOf(found)} are to be good over ${windowDays} days`)
      print(
        attained === null
          ? 'Nothing was counted yet.'
          : `Attained ${percent(attained)}; ${percent(errorBudget.remainingPercent)} of the error budget is left.`,
      )
      table(
        ['alert', 'over', 'burn rate', 'lately', 'fires from', 'since'],
        burn.map(each => [
          each.severity,
          `${each.hours} h`,
          rate(each.rate),
          rate(each.recentRate),
          rate(each.threshold),
          each.firingSince ?? '',
        ]),
      )
      if (days.length > 0)
        table(
          ['day', 'good', 'bad'],
          days.map(({ day, good, bad }) => [day, String(good), String(bad)]),
        )
    })
}

const percent = (value: number): string => `${value.toFixed(2)} %`
const rate = (value: number): string => value.toFixed(2)

function subjectOf({ spec }: ServiceLevelObjective): string {
  const name = spec.of === 'runs' ? spec.agent : spec.route
  return name === undefined ? spec.of : `${spec.of} of ${name}`
}

const burning = ({ burn }: ServiceLevelObjective): string =>
  burn
    .filter(({ firingSince }) => firingSince !== null)
    .map(({ severity, hours }) => `${severity} (${hours} h)`)
    .join(', ')
