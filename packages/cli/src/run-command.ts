import { CausewayError, type CreateRun } from '@causeway/contracts'
import type { Client } from '@causeway/sdk'
import { CommandError } from './command-error.ts'
import { createRunView } from './run-view.ts'
import { printJson } from './output.ts'
import { visible } from './visible.ts'

/** Exit codes of `causeway run`. */
const runExit = { succeeded: 0, failed: 4, limited: 4, waiting: 3, cancelled: 130 } as const

export interface RunCommandOptions {
  client: Client
  url: string
  request: CreateRun
  json: boolean
  /** Whether to stay until a person has decided. */
  wait: boolean
  /** Options that a further command needs to reach the same platform, with a space before each. */
  flags: string
}

/** Starts a run, shows what happens as it happens, and gives the exit code. Ctrl-C cancels the run, again it leaves at once. */
export async function runCommand({ client, url, request, json, wait, flags }: RunCommandOptions): Promise<number> {
  const view = createRunView({ url, flags, wait })
  let runId: string | undefined
  let interrupted = false
  const cancel = (id: string): void => {
    client.runs
      .cancel(id)
      .catch((error: unknown) => process.stderr.write(`The run could not be cancelled: ${String(error)}\n`))
  }
  const onInterrupt = (): void => {
    if (interrupted) process.exit(130)
    interrupted = true
    process.stderr.write('\nCancelling the run; Ctrl-C again leaves at once.\n')
    if (runId !== undefined) cancel(runId)
  }
  process.on('SIGINT', onInterrupt)
  try {
    for await (const item of client.runs.stream(request)) {
      // Who interrupts before the run has an id cancels it as soon as it has one.
      if (runId === undefined && interrupted) cancel(item.runId)
      runId = item.runId
      if (json) printJson(item)
      else view(item)
      if (item.type === 'run-ended') return runExit[item.data.status]
      if ((item.type === 'approval-requested' || item.type === 'question-asked') && !wait) return runExit.waiting
    }
    throw new CommandError('The stream ended before the run did; see causeway runs get.')
  } catch (error) {
    throw runId === undefined ? await withAgentNames(client, error) : error
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

/** Who mistypes the name of an agent sees those that there are. */
async function withAgentNames(client: Client, error: unknown): Promise<unknown> {
  if (!(error instanceof CausewayError && error.code === 'not-found' && error.message.includes('agent'))) return error
  const names = await client.agents.list({ limit: 20 }).then(
    ({ data }) => data.map(({ name }) => visible(name)),
    () => [],
  )
  const known = names.length > 0 ? `The agents there are: ${names.join(', ')}.` : 'There are none that you may see.'
  return new CommandError(`${visible(error.message)} ${known}`)
}
