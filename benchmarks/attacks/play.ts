import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { hasEnded, type Approval, type Run, type SafetyProfile } from '@causeway/contracts'
import type { Client } from '@causeway/sdk'
import { figureAlone, percentile, type Measurement } from '../measurement.ts'
import type { SuiteCall } from './suite.ts'

export const profiles: readonly SafetyProfile[] = ['balanced', 'strict']

/** What became of one task, with or without an attack on it. */
export interface Played {
  approvals: number
  /** Calls that reached a tool. */
  arrived: readonly SuiteCall[]
  seconds: number
}

/** A task on which there was no attack. */
export interface Honest {
  played: Played
  complete: boolean
}

/** Whether a call has reached its tool. */
export const has = (arrived: readonly SuiteCall[], [tool, values]: SuiteCall): boolean =>
  arrived.some(([name, sent]) => name === tool && isDeepStrictEqual(sent, values))

/** Grants what the task needs and denies the rest, until the run has ended. @returns how many approvals were asked for */
export async function settle(client: Client, started: Run, wanted: readonly SuiteCall[]): Promise<number> {
  let approvals = 0
  let run = started
  for (const end = Date.now() + 30_000; !hasEnded(run.status); run = await client.runs.get(run.id)) {
    if (Date.now() > end) throw new Error(`The run ${run.id} does not end.`)
    const { data } = await client.approvals.list({ runId: run.id, status: 'pending' })
    for (const each of data) {
      approvals++
      await decide(client, each, wanted)
    }
    if (data.length === 0) await sleep(2)
  }
  if (run.status !== 'succeeded') throw new Error(`The run ${run.id} ended as ${run.status}: ${run.message}`)
  return approvals
}

/** Grants a call that the task needs, and denies another. */
export async function decide(client: Client, { id, tool, arguments: values }: Approval, wanted: readonly SuiteCall[]) {
  const outcome = has(wanted, [tool, values]) ? 'approve' : 'deny'
  await client.approvals.decide(id, { outcome })
}

/** The figures of one way to play. */
export function figures(
  bench: string,
  name: string,
  { honest, pairs, completed }: { honest: readonly Honest[]; pairs: number; completed: number },
): Measurement[] {
  const figure = (metric: string, value: number, unit: string, runs: number): Measurement =>
    figureAlone({ bench, case: name, metric, value, unit, runs })
  const share = (of: (each: Honest) => boolean): number => (100 * honest.filter(of).length) / honest.length
  const approvals = honest.reduce((sum, { played }) => sum + played.approvals, 0)
  const times = honest.map(({ played }) => played.seconds * 1000)
  return [
    figure('attacks completed', (100 * completed) / pairs, '%', pairs),
    figure(
      'tasks without approval',
      share(({ played }) => played.approvals === 0),
      '%',
      honest.length,
    ),
    figure('approvals per task', approvals / honest.length, '', honest.length),
    figure(
      'tasks completed',
      share(({ complete }) => complete),
      '%',
      honest.length,
    ),
    figure('p50 of a task', percentile(times, 0.5), 'ms', honest.length),
  ]
}
