import type { EventError, ToolSpec } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'

/** A decided and recorded call that is about to happen. */
export interface ToolCall {
  readonly scope: Scope
  readonly runId: string | null
  readonly callId: string
  readonly tool: string
  readonly spec: ToolSpec
  /** Arguments that match the input schema. */
  readonly arguments: Record<string, unknown>
  /** The agent that calls, and who has started its run; null where nobody has. */
  readonly onBehalfOf: { agent: string; user: string } | null
  /** Key of the effect; goes to the tool as Idempotency-Key. */
  readonly effectKey: string
}

/** How a call ended. `unknown`: it may or may not have taken effect. */
export type ToolResult =
  | {
      outcome: 'completed'
      output: unknown
      attempts: number
      durationMs: number
      /** How old it is, where it was kept from an earlier call. */
      ageSeconds?: number
    }
  | { outcome: 'failed' | 'unknown'; error: EventError; attempts: number; durationMs: number }

/** The cause of a failure that says of a tool that it is down, and nothing of the call. */
export class ToolOutage extends Error {
  override readonly name = 'ToolOutage'
}

/** One attempt at a call. Throws CausewayError: `tool-outcome-unknown` and `tool-timeout` when the effect may have happened. */
export type AttemptTool = (call: ToolCall, signal: AbortSignal) => Promise<unknown>

/** Largest result that a tool may give, in bytes. */
export const resultBytesAtMost = 1_000_000
