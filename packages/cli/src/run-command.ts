import type { CreateRun, SessionEvent } from '@causeway/contracts'
import type { Client } from '@causeway/sdk'
import { CommandError } from './connection.ts'
import { brief, print, printJson, safe, styled, usd } from './output.ts'

/** Exit codes of `causeway run`. */
export const runExit = { succeeded: 0, failed: 4, limited: 4, waiting: 3, cancelled: 130 } as const

export interface RunCommandOptions {
  client: Client
  url: string
  request: CreateRun
  json: boolean
  /** Whether to stay until a person has decided. */
  wait: boolean
}

/** Starts a run, shows what happens as it happens, and gives the exit code. Ctrl-C cancels the run. */
export async function runCommand({ client, url, request, json, wait }: RunCommandOptions): Promise<number> {
  const view = createView(url)
  let runId: string | undefined
  let cancelled = false
  const onInterrupt = (): void => {
    if (cancelled || !runId) process.exit(130)
    cancelled = true
    process.stderr.write('\nCancelling the run; Ctrl-C again leaves at once.\n')
    client.runs
      .cancel(runId)
      .catch((error: unknown) => process.stderr.write(`The run could not be cancelled: ${String(error)}\n`))
  }
  process.on('SIGINT', onInterrupt)
  try {
    for await (const item of client.runs.stream(request)) {
      runId = item.runId
      if (json) printJson(item)
      else view(item)
      if (item.type === 'run-ended') return runExit[item.data.status]
      if (item.type === 'approval-requested' && !wait) return runExit.waiting
    }
    throw new CommandError('The stream ended before the run did; see causeway runs get.')
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

type Item =
  | SessionEvent
  | { type: 'model-started'; runId: string; step: number; route: string }
  | { type: 'text-delta'; runId: string; step: number; text: string }

/** Shows a run line by line; text of the model is written as it comes. */
function createView(url: string): (item: Item) => void {
  let writing = false
  const line = (text: string): void => {
    if (writing) process.stdout.write('\n')
    writing = false
    print(text)
  }
  return item => {
    switch (item.type) {
      case 'text-delta':
        process.stdout.write(writing ? safe(item.text) : `  ${safe(item.text)}`)
        writing = true
        return
      case 'model-started':
        return line(styled('cyan', `● model ${item.route} (step ${item.step})`))
      case 'run-created':
        return line(styled('dim', `run ${item.runId}`))
      case 'model-responded': {
        const { provider, model, rehearsal, usage, durationMs } = item.data
        const mark = rehearsal ? styled('yellow', ' [rehearsal: a script, not a model]') : ''
        return line(
          styled(
            'dim',
            `  ${provider}/${model} · ${usage.inputTokens}+${usage.outputTokens} tokens · ${Math.round(durationMs)} ms`,
          ) + mark,
        )
      }
      case 'model-failed':
        return line(styled('red', `✗ model: ${safe(item.data.error.message)}`))
      case 'tool-called':
        return line(`${styled('cyan', '● tool')} ${safe(item.data.tool)} ${brief(item.data.arguments)}`)
      case 'tool-denied':
        return line(styled('red', `✗ tool ${safe(item.data.tool)} denied: ${safe(item.data.error.message)}`))
      case 'tool-responded':
        if (item.data.outcome === 'completed')
          return line(styled('dim', `  → ${brief(item.data.output)} · ${Math.round(item.data.durationMs)} ms`))
        return line(styled('red', `  ✗ ${item.data.outcome}: ${safe(item.data.error?.message ?? '')}`))
      case 'approval-requested': {
        line(`${styled('yellow', '◆ waits for approval:')} ${safe(item.data.tool)} ${brief(item.data.arguments)}`)
        for (const { message } of item.data.decision.reasons) line(styled('dim', `  ${safe(message)}`))
        return line(`  npx causeway approvals approve ${item.data.approvalId}`)
      }
      case 'approval-decided':
        return line(
          `${styled('yellow', '◆')} ${item.data.outcome}${item.data.decidedBy ? ` by ${safe(item.data.decidedBy)}` : ''}`,
        )
      case 'cancel-requested':
        return line(styled('dim', `  cancelled by ${safe(item.data.requestedBy)}`))
      case 'run-ended':
        return ended(item, url, line)
      case 'segment-started':
        return
    }
  }
}

function ended(
  { data, runId }: Extract<SessionEvent, { type: 'run-ended' }>,
  url: string,
  line: (text: string) => void,
): void {
  const { status, reason, message, spent } = data
  const good = status === 'succeeded'
  line(
    styled(
      good ? 'green' : 'red',
      `${good ? '✓' : '✗'} ${status}${good ? '' : ` (${reason})${message ? `: ${safe(message)}` : ''}`}`,
    ),
  )
  line(
    styled(
      'dim',
      `  ${spent.inputTokens + spent.outputTokens} tokens · ${usd(spent.nanoUsd)} · ${spent.steps} model calls · ${spent.toolCalls} tool calls · ${spent.seconds.toFixed(1)} s`,
    ),
  )
  line(styled('dim', `  ${url}/runs/${runId}`))
}
