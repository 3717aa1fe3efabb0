import { Cost, ModelCallOutcome, type ModelCall } from '@causeway/contracts'
import { InvalidArgumentError, Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { print, printJson, table, usd } from '../output.ts'
import { listCommand, showList, showObject, type ListOptions } from '../show-list.ts'
import { instantOption } from '../instant-option.ts'
import { usdOption } from '../usd-option.ts'
import { visible } from '../visible.ts'

interface Filters {
  outcome?: ModelCallOutcome
  error?: ModelCall['errorCode']
  route?: string
  provider?: string
  model?: string
  apiKey?: string
  user?: string
  team?: string
  agent?: string
  session?: string
  costStatus?: Cost['status']
  minCost?: number
  cache?: 'hit' | 'miss'
  rehearsal?: 'true' | 'false'
  shadow?: 'true' | 'false'
  since?: string
  until?: string
}

/** `causeway model-calls` */
export const defineModelCalls: DefineCommand = (calls, { json, connect }) => {
  listCommand(calls, 'list requests to the model gateway, newest first')
    .addOption(new Option('--outcome <outcome>').choices(ModelCallOutcome.options))
    .option('--error <code>', 'code of the error, such as budget-exceeded')
    .option('--route <name>')
    .option('--provider <name>')
    .option('--model <name>')
    .option('--api-key <id>')
    .option('--user <id>')
    .option('--team <id>')
    .option('--agent <name>', 'the agent whose loop made them')
    .option('--session <id>')
    .addOption(new Option('--cost-status <status>').choices(Cost.shape.status.options))
    .option('--min-cost <usd>', 'only those that cost as much or more, in dollars', usdOption)
    .addOption(new Option('--cache <result>', 'whether an answer that was kept was given').choices(['hit', 'miss']))
    .addOption(new Option('--rehearsal <choice>', 'whether a script answered').choices(['true', 'false']))
    .addOption(new Option('--shadow <choice>', 'whether it is a copy of another call').choices(['true', 'false']))
    .option('--since <when>', 'an instant, or how long ago: 30m, 24h, 7d', instantOption)
    .option('--until <when>', 'an instant, or how long ago', instantOption)
    .action(async ({ error, apiKey, user, team, session, minCost, since, until, ...query }: ListOptions & Filters) => {
      const { client } = await connect()
      const filters = {
        ...query,
        ...(error && { errorCode: error }),
        ...(apiKey && { apiKeyId: apiKey }),
        ...(user && { userId: user }),
        ...(team && { teamId: team }),
        ...(session && { sessionId: session }),
        ...(minCost !== undefined && { minNanoUsd: minCost }),
        ...(since && { startedAfter: since }),
        ...(until && { startedBefore: until }),
      }
      await showList(client.modelCalls, filters, {
        json: json(),
        head: ['call', 'route', 'model', 'outcome', 'tries', 'tokens', 'cost', 'ms', 'started'],
        row: call => [
          call.id,
          call.route,
          call.model ?? '',
          call.errorCode ?? call.outcome,
          call.cache === 'hit' ? 'cache' : String(call.attempts.length),
          String(call.usage.inputTokens + call.usage.outputTokens),
          costOf(call.cost),
          String(call.durationMs),
          call.startedAt,
        ],
      })
    })
  calls
    .command('get <id>')
    .description('read one request: its attempts, route, cost, and why it was refused')
    .action(async (id: string) => {
      const call = await (await connect()).client.modelCalls.get(id)
      if (json()) return printJson(call)
      const { attempts, feedback, ...rest } = call
      showObject(rest, false)
      for (const { score, actor, comment } of feedback)
        print(`scored ${score} by ${visible(actor)}${comment === null ? '' : `: ${visible(comment)}`}`)
      if (attempts.length === 0) return print('No provider was asked.')
      table(
        ['attempt', 'provider', 'model', 'key', 'result', 'status', 'ms', 'waited'],
        attempts.map((attempt, number) => [
          String(number + 1),
          visible(attempt.provider),
          visible(attempt.model),
          String(attempt.key),
          attempt.failureClass ?? 'answered',
          String(attempt.status ?? ''),
          String(Math.round(attempt.durationMs)),
          String(Math.round(attempt.waitedMs)),
        ]),
      )
    })
  calls
    .command('score')
    .argument('<id>')
    .argument('<score>', 'from 0 to 1', scoreArgument)
    .description('say what was thought of an answer, from 0 (useless) to 1 (right); adaptive routes choose by it')
    .option('--comment <text>')
    .action(async (id: string, score: number, { comment }: { comment?: string }) => {
      const { client } = await connect()
      const given = await client.modelCalls.giveFeedback(id, {
        score,
        ...(comment !== undefined && { comment }),
      })
      if (json()) return printJson(given)
      print(`Scored ${given.score}.`)
    })
}

function scoreArgument(text: string): number {
  const score = Number(text)
  if (text.trim() === '' || !(score >= 0 && score <= 1))
    throw new InvalidArgumentError('expected a number from 0 to 1.')
  return score
}

const costOf = ({ nanoUsd, status }: Cost): string => (status === 'unpriced' ? status : usd(nanoUsd))
