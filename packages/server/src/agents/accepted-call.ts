import type { EventData, ToolSpec } from '@causeway/contracts'
import type { ToolResult } from '../tools/index.ts'
import type { FinalResult } from './tool-result.ts'

type Accepted = Extract<ToolResult, { outcome: 'accepted' }>['accepted']

/** How long a tool is waited for that answers later, and how often it is asked, where its manifest does not say. Seconds. */
const [waitedAtMost, askedEvery] = [3600, 10]

/** Whether the tool may send the result of a call to an address that it is given. */
export const answersByCallback = ({ implementation }: ToolSpec): boolean =>
  implementation.type === 'http' && implementation.async?.by === 'callback'

/** That a tool has taken a call and answers later. `first`: what was recorded when it was taken. */
export function acceptance(
  { callId, tool }: EventData<'tool-called'>,
  { implementation }: ToolSpec,
  { reference, checkAfterSeconds }: Accepted,
  first: EventData<'tool-accepted'> | undefined,
): EventData<'tool-accepted'> {
  const { atMostSeconds = waitedAtMost, everySeconds = askedEvery } =
    implementation.type === 'a2a'
      ? implementation
      : implementation.type === 'http' && implementation.async
        ? implementation.async
        : {}
  const after = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
  return {
    callId,
    tool,
    reference,
    checkAt: reference === null ? null : after(checkAfterSeconds ?? everySeconds),
    until: first?.until ?? after(atMostSeconds),
  }
}

/** How a call stands that was accepted: its time is up, it is asked for now, or it is waited for until then. */
export function standingOf(
  { reference, checkAt, until }: EventData<'tool-accepted'>,
  now = Date.now(),
): { next: 'over' } | { next: 'ask'; reference: string } | { next: 'wait'; until: Date } {
  if (Date.parse(until) <= now) return { next: 'over' }
  if (reference !== null && checkAt !== null && Date.parse(checkAt) <= now) return { next: 'ask', reference }
  return { next: 'wait', until: new Date(Math.min(Date.parse(checkAt ?? until), Date.parse(until))) }
}

/** A call whose result has not come in time. */
export const cameTooLate = ({ tool }: EventData<'tool-called'>, { effect }: ToolSpec): FinalResult => ({
  outcome: effect === 'read' ? 'failed' : 'unknown',
  error: { code: 'tool-timeout', message: `${tool} has taken the call and sent no result in time.` },
  attempts: 1,
  durationMs: 0,
})
