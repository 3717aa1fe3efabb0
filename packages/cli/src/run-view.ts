import type { EventData, GuardrailFinding, SessionEvent } from '@causeway/contracts'
import type { StreamItem } from '@causeway/sdk'
import { brief, print, styled, usd } from './output.ts'
import { visible } from './visible.ts'

export interface RunViewOptions {
  /** Address of the console. */
  url: string
  /** Options that a further command needs to reach the same platform, with a space before each. */
  flags: string
  /** Whether the command stays while a person is asked. */
  wait: boolean
}

// Every line of a model's text begins with this, so that none can pass for a line of the command.
const margin = '  │ '
const inMargin = (text: string): string => visible(text).replaceAll('\n', `\n${margin}`)

/** Shows a run line by line; text of the model is written as it comes. */
export function createRunView(options: RunViewOptions): (item: StreamItem) => void {
  let streamed = ''
  const line = (text: string): void => {
    if (streamed !== '') process.stdout.write('\n')
    streamed = ''
    print(text)
  }
  const write = (text: string): void => {
    process.stdout.write(`${streamed === '' ? margin : ''}${inMargin(text)}`)
    streamed += text
  }
  return item => {
    if (item.type === 'text-delta') return write(item.text)
    if (item.type === 'model-started') return line(styled('cyan', `● model ${visible(item.route)} (step ${item.step})`))
    if (item.type === 'tool-progress') return line(progressLine(item))
    if (item.type === 'model-responded') {
      // What was not streamed, as after a cut, is shown now.
      const { text } = item.data
      const missing = text.startsWith(streamed) ? text.slice(streamed.length) : `\n${text}`
      if (missing !== '') write(missing)
      return line(modelLine(item.data))
    }
    for (const text of linesOf(item, options)) line(text)
  }
}

function progressLine({ tool, progress, total }: Extract<StreamItem, { type: 'tool-progress' }>): string {
  const far = total ? `${Math.round((100 * progress) / total)} %` : String(progress)
  return styled('dim', `  … ${visible(tool)}: ${far}`)
}

function modelLine(data: EventData<'model-responded'>): string {
  const { provider, model, rehearsal, usage, durationMs, guardrails = [] } = data
  const mark = rehearsal ? styled('yellow', ' [rehearsal: a script, not a model]') : ''
  const figures = `${usage.inputTokens}+${usage.outputTokens} tokens · ${Math.round(durationMs)} ms`
  return styled('dim', `  ${visible(provider)}/${visible(model)} · ${figures}${found(guardrails)}`) + mark
}

/** What guardrails have found. */
const found = (findings: readonly GuardrailFinding[]): string =>
  findings.map(({ guardrail, detector, count: times }) => ` · ${guardrail}: ${times} × ${detector}`).join('')

/** The lines for an event. */
function linesOf(item: Exclude<SessionEvent, { type: 'model-responded' }>, options: RunViewOptions): string[] {
  switch (item.type) {
    case 'segment-started':
      return []
    case 'run-created':
      return [styled('dim', `run ${item.runId}`)]
    case 'context-compacted':
      return [styled('dim', `  ${item.data.tokensBefore} tokens of the conversation were summed up`)]
    case 'model-failed':
      return [styled('red', `✗ model: ${brief(item.data.error.message)}`)]
    case 'model-called': {
      const { provider, model, usage, outcome, error } = item.data
      const asked = `${provider ?? item.data.route}/${model ?? ''}`
      if (outcome === 'failed') return [styled('red', `✗ model ${visible(asked)}: ${error ?? 'failed'}`)]
      return [styled('dim', `  model ${visible(asked)}: ${usage.inputTokens} + ${usage.outputTokens} tokens`)]
    }
    case 'tool-called':
      return [
        `${styled('cyan', '● tool')} ${visible(item.data.tool)} ${brief(item.data.arguments)}`,
        ...reasons(item.data.decision),
      ]
    case 'tool-denied':
      return [styled('red', `✗ tool ${brief(item.data.tool)} denied: ${brief(item.data.error.message)}`)]
    case 'tool-responded':
      return [resultLine(item.data)]
    case 'approval-requested':
      return [
        `${styled('yellow', '◆ waits for approval:')} ${visible(item.data.tool)} ${brief(item.data.arguments, 4000)}`,
        ...reasons(item.data.decision),
        `  npx causeway approvals approve ${item.data.approvalId}${options.flags}`,
        ...(options.wait
          ? [
              styled(
                'dim',
                '  (type it in another terminal, or deny instead of approve; this goes on when it is decided)',
              ),
            ]
          : []),
      ]
    case 'approval-delegated':
      return [`${styled('yellow', '◆')} handed on to ${visible(item.data.to)} by ${visible(item.data.by)}`]
    case 'note-added':
      return [`${styled('cyan', '✎')} ${visible(item.data.by)}: ${brief(item.data.text, 4000)}`]
    case 'approval-escalated':
      return [`${styled('yellow', '◆ nobody has decided on')} ${visible(item.data.tool)}: it was handed up`]
    case 'approval-decided': {
      const { outcome, decidedBy, comment } = item.data
      const by = decidedBy === null ? '' : ` by ${visible(decidedBy)}`
      return [`${styled('yellow', '◆')} ${outcome}${by}${comment === null ? '' : `: ${brief(comment)}`}`]
    }
    case 'question-asked': {
      const { question, options: choices = [] } = item.data
      return [
        `${styled('yellow', '? asks:')} ${brief(question, 4000)}`,
        ...choices.map(choice => `    ${brief(choice)}`),
        `  npx causeway runs answer ${item.runId} '…'${options.flags}`,
      ]
    }
    case 'question-answered':
      return [`${styled('yellow', '?')} ${visible(item.data.answeredBy)} answers: ${brief(item.data.answer)}`]
    case 'plan-made':
      return item.data.steps.map(({ what }, index) => `${styled('cyan', `${index + 1}.`)} ${brief(what)}`)
    case 'handed-off':
      return [
        `${styled('cyan', '→')} ${visible(item.data.agent)} goes on${item.data.reason ? `: ${brief(item.data.reason)}` : ''}`,
      ]
    case 'output-rejected':
      return [styled('yellow', `  the answer does not match: ${brief(item.data.problem)}`)]
    case 'tool-accepted':
      return [
        styled(
          'dim',
          `  ${visible(item.data.tool)} has taken the call; its result is waited for until ${item.data.until}`,
        ),
      ]
    case 'answer-evaluated':
      return item.data.accepted
        ? [styled('green', '  the answer is accepted')]
        : [styled('yellow', `  the answer is not accepted: ${brief(item.data.feedback)}`)]
    case 'child-started':
      return [styled('dim', `  ${visible(item.data.agent)} works as run ${item.data.runId}`)]
    case 'cancel-requested':
      return [styled('dim', `  cancelled by ${visible(item.data.requestedBy)}`)]
    case 'run-ended':
      return endLines(item, options.url)
  }
}

const reasons = ({ reasons: given }: EventData<'tool-called'>['decision']): string[] =>
  given.map(({ message }) => styled('dim', `  ${brief(message)}`))

function resultLine({ outcome, output, error, durationMs, guardrails = [] }: EventData<'tool-responded'>): string {
  return outcome === 'completed'
    ? styled('dim', `  → ${brief(output)} · ${Math.round(durationMs)} ms${found(guardrails)}`)
    : styled('red', `  ✗ ${outcome}: ${brief(error?.message ?? '')}${found(guardrails)}`)
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

function endLines({ data, runId }: Extract<SessionEvent, { type: 'run-ended' }>, url: string): string[] {
  const { status, reason, message, spent } = data
  const good = status === 'succeeded'
  const why = good ? '' : `${reason === status ? '' : ` (${reason})`}${message ? `: ${brief(message)}` : ''}`
  const { inputTokens, outputTokens, nanoUsd, steps, toolCalls, seconds } = spent
  return [
    styled(good ? 'green' : 'red', `${good ? '✓' : '✗'} ${status}${why}`),
    styled(
      'dim',
      `  ${inputTokens + outputTokens} tokens · ${usd(nanoUsd)} · ${count(steps, 'model call')} · ${count(toolCalls, 'tool call')} · ${seconds.toFixed(1)} s`,
    ),
    styled('dim', `  ${url}/runs/${runId}`),
  ]
}
