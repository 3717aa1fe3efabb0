import type { EventData, JsonSchema, ToolSpec } from '@causeway/contracts'
import canonicalize from 'canonicalize'
import { createHash } from 'node:crypto'
import { labelResult } from '../labels/index.ts'
import type { ToolResult } from '../tools/index.ts'
import { handleFor, isKept, toldOfHandle } from './handles.ts'
import type { EffectChange } from './event-log-store.ts'

/** A result that ends a call. */
export type FinalResult = Exclude<ToolResult, { outcome: 'accepted' }>

/** What a result becomes in the log and in the ledger of effects: labelled as the manifest of the tool says. */
export function recordOfResult(
  called: EventData<'tool-called'>,
  spec: ToolSpec,
  result: FinalResult,
): { event: { type: 'tool-responded'; data: EventData<'tool-responded'> }; effect: EffectChange } {
  const { outcome, attempts, durationMs } = result
  const said = result.outcome === 'completed' ? result.output : result.error.message
  const { label, parts } = labelResult(called.tool, spec.result, said)
  const data: EventData<'tool-responded'> = {
    callId: called.callId,
    tool: called.tool,
    outcome,
    ...(result.outcome === 'completed' ? { output: result.output ?? null } : { error: result.error }),
    label,
    ...(parts.length > 0 && { parts }),
    ...(result.outcome === 'completed' &&
      spec.output &&
      isKept(spec) && { handle: handleOf(called, result.output, spec.output) }),
    ...(result.outcome === 'completed' && result.content && !isKept(spec) && { content: [...result.content] }),
    durationMs,
    attempts,
    ...(result.outcome === 'completed' && result.ageSeconds !== undefined && { ageSeconds: result.ageSeconds }),
  }
  return { event: { type: 'tool-responded', data }, effect: effectOf(called, outcome, attempts) }
}

function handleOf(called: EventData<'tool-called'>, output: unknown, schema: JsonSchema) {
  const name = handleFor(called)
  return { name, told: toldOfHandle(name, output, schema) }
}

/** The effect of a call in the ledger. */
export const effectOf = (
  called: EventData<'tool-called'>,
  state: EffectChange['state'],
  attempts: number,
): EffectChange => ({
  key: called.effectKey,
  callId: called.callId,
  tool: called.tool,
  toolVersion: called.toolVersion,
  argumentsHash: sha256(canonicalize(called.arguments) ?? ''),
  state,
  attempts,
})

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
