import { errorCatalogue, type EndStatus, type ErrorCode, type ServiceLevelObjectiveSpec } from '@causeway/contracts'
import type { ModelCallRecord } from '../models/index.ts'

/** A call of a model that has ended. */
export type EndedCall = Pick<
  ModelCallRecord,
  'route' | 'outcome' | 'errorCode' | 'shadowOf' | 'durationMs' | 'firstByteMs'
>

/** A run that has ended. */
export interface EndedRun {
  /** With which it began. */
  agent: string
  status: EndStatus
}

type SpecOf<Of extends ServiceLevelObjectiveSpec['of']> = Extract<ServiceLevelObjectiveSpec, { of: Of }>

/** What a call is for an objective; undefined where it does not count. */
export function outcomeOfCall(spec: SpecOf<'model-calls'>, call: EndedCall): 'good' | 'bad' | undefined {
  const { route, withinMs, firstByteWithinMs } = spec
  if (call.shadowOf !== null || (route !== undefined && route !== call.route)) return undefined
  if (call.outcome === 'abandoned') return undefined
  if (call.outcome === 'failed') return isOurs(call.errorCode) ? 'bad' : undefined
  const late =
    (withinMs !== undefined && call.durationMs > withinMs) ||
    (firstByteWithinMs !== undefined && (call.firstByteMs ?? 0) > firstByteWithinMs)
  return late ? 'bad' : 'good'
}

/** What a run is for an objective; undefined where it does not count. */
export function outcomeOfRun({ agent }: SpecOf<'runs'>, run: EndedRun): 'good' | 'bad' | undefined {
  if (run.status === 'cancelled' || (agent !== undefined && agent !== run.agent)) return undefined
  return run.status === 'succeeded' ? 'good' : 'bad'
}

/** Whether a call failed for another reason than what its caller has sent, may do or has left. */
const isOurs = (code: ErrorCode | null): boolean => code === null || errorCatalogue[code].status >= 500
