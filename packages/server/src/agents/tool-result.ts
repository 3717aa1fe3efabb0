import type { EventData, GuardrailFinding, JsonSchema, ToolSpec } from '@causeway/contracts'
import canonicalize from 'canonicalize'
import { createHash } from 'node:crypto'
import { guardResult, type Looked } from '../guardrails/index.ts'
import { flagged, labelledBy, labelResult } from '../labels/index.ts'
import type { RichOutput, ToolResult } from '../tools/index.ts'
import { handleFor, isKept, toldOfHandle } from './handles.ts'
import type { EffectChange } from './event-log-store.ts'

/** A result that ends a call. */
export type FinalResult = Exclude<ToolResult, { outcome: 'accepted' }>

/**
 * What a result becomes in the log and in the ledger of effects: what guardrails let through of it, labelled as the manifest of the
 * tool and they say.
 */
export function recordOfResult(
  called: EventData<'tool-called'>,
  spec: ToolSpec,
  answered: FinalResult,
  looked: Looked,
): { event: { type: 'tool-responded'; data: EventData<'tool-responded'> }; effect: EffectChange | undefined } {
  const { result, findings } = guarded(called.tool, answered, looked)
  const { outcome, attempts, durationMs } = result
  const said = result.outcome === 'completed' ? result.output : result.error.message
  const found = findings.map(({ detector }) => detector)
  const told = result.outcome === 'completed' ? (result.parts ?? []) : []
  const { label, parts } = flagged(labelledBy(labelResult(called.tool, spec.result, said), told), found)
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
    ...(findings.length > 0 && { guardrails: findings }),
    durationMs,
    attempts,
    ...(result.outcome === 'completed' && result.ageSeconds !== undefined && { ageSeconds: result.ageSeconds }),
  }
  return { event: { type: 'tool-responded', data }, effect: effectOf(called, spec, answered.outcome, attempts) }
}

/** All that a tool has said with a result. */
export const saidBy = (result: FinalResult): readonly unknown[] =>
  result.outcome === 'completed' ? [result.output, result.content] : [result.error.message]

/** A result as others may have it. One that is withheld has failed for them, and is what it was in the ledger of effects. */
function guarded(
  tool: string,
  answered: FinalResult,
  looked: Looked,
): { result: FinalResult; findings: GuardrailFinding[] } {
  const { value, findings, withheld } = guardResult(saidBy(answered), looked)
  if (withheld !== undefined) {
    const { attempts, durationMs, outcome } = answered
    const done = outcome === 'completed' ? `${tool} has done what it was asked, but its result` : `What ${tool} said`
    const message = `${done} is withheld: ${withheld}.`
    return {
      result: { outcome: 'failed', error: { code: 'guardrail-blocked', message }, attempts, durationMs },
      findings,
    }
  }
  if (findings.length === 0) return { result: answered, findings }
  // What has changed are texts in it: its shape is the same.
  const [first, content] = value as [unknown, RichOutput['content'] | undefined]
  if (answered.outcome !== 'completed')
    return { result: { ...answered, error: { ...answered.error, message: String(first) } }, findings }
  return { result: { ...answered, output: first, ...(content && { content }) }, findings }
}

function handleOf(called: EventData<'tool-called'>, output: unknown, schema: JsonSchema) {
  const name = handleFor(called)
  return { name, told: toldOfHandle(name, output, schema) }
}

/** The effect of a call in the ledger. A read has none: it may be repeated, and the log says that it was made. */
export const effectOf = (
  called: EventData<'tool-called'>,
  { effect }: Pick<ToolSpec, 'effect'>,
  state: EffectChange['state'],
  attempts: number,
): EffectChange | undefined =>
  effect === 'read'
    ? undefined
    : {
        key: called.effectKey,
        callId: called.callId,
        tool: called.tool,
        toolVersion: called.toolVersion,
        argumentsHash: sha256(canonicalize(called.arguments) ?? ''),
        state,
        attempts,
      }

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
