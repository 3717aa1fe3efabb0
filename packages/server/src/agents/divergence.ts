import type { Divergence, SessionEvent } from '@causeway/contracts'
import canonicalize from 'canonicalize'

interface Step {
  step: number
  /** What the model asked for, and what became of it. */
  calls: { tool: string; arguments: unknown; outcome: string }[]
}

interface Told {
  steps: Step[]
  end: { status: string; output: string | null } | undefined
}

/** The first place in which a replay does something else than the run that it repeats. What a model says before it calls is not compared. */
export function firstDivergence(original: readonly SessionEvent[], replay: readonly SessionEvent[]): Divergence | null {
  const [before, after] = [told(original), told(replay)]
  const steps = Math.max(before.steps.length, after.steps.length)
  for (let index = 0; index < steps; index++) {
    const [one, other] = [before.steps[index], after.steps[index]]
    if (canonicalize(one?.calls ?? null) !== canonicalize(other?.calls ?? null))
      return { step: index + 1, what: 'calls', original: one?.calls ?? null, replay: other?.calls ?? null }
  }
  return canonicalize(before.end ?? null) === canonicalize(after.end ?? null)
    ? null
    : { step: steps, what: 'end', original: before.end ?? null, replay: after.end ?? null }
}

function told(events: readonly SessionEvent[]): Told {
  const steps: Step[] = []
  let end: Told['end']
  const outcomes = new Map<string, string>()
  for (const event of events) {
    if (event.type === 'tool-denied') outcomes.set(event.data.callId, 'denied')
    if (event.type === 'tool-called') outcomes.set(event.data.callId, 'called')
    if (event.type === 'run-ended') end = { status: event.data.status, output: event.data.output }
  }
  for (const event of events)
    if (event.type === 'model-responded')
      steps.push({
        step: event.data.step,
        calls: event.data.toolCalls.map(({ callId, tool, arguments: values }) => ({
          tool,
          arguments: values,
          outcome: outcomes.get(callId) ?? 'open',
        })),
      })
  return { steps, end }
}
