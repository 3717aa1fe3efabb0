import type { EventError, Label, ToolSpec } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import type { LabelledPart } from '../labels/index.ts'

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
  /** What the model had seen when it asked for the call; absent outside of a run. */
  readonly seen?: SeenBefore
  /** Where a tool that answers later sends its result. */
  readonly callbackUrl?: string
  /** Told how far the tool is, in numbers only: words of a tool are its result, which is looked into and labelled. */
  readonly onProgress?: (progress: { progress: number; total?: number }) => void
  /**
   * What became of the call before: the tool has accepted it, and is asked for the result; or the platform died in the middle of it,
   * and it is only found out whether it took effect. It is not made again in either case.
   */
  readonly before?: { accepted: string } | 'interrupted'
}

/** What the model of a run had seen when it asked for a call. */
export interface SeenBefore {
  readonly sessionId: string
  /** Of all of it together. */
  readonly label: Label
  /** Whether a value was said by users or by tools that can be relied on, and not worded by the model. */
  isSaid(value: unknown): boolean
}

/** The tool has taken the call and answers later. */
export class Accepted {
  /** What is asked for the result; null where the tool sends it. */
  readonly reference: string | null
  readonly checkAfterSeconds: number | null
  constructor(reference: string | null = null, checkAfterSeconds: number | null = null) {
    this.reference = reference
    this.checkAfterSeconds = checkAfterSeconds
  }
}

/** What a tool has answered in more than words. */
export class RichOutput {
  /** What it says in words or data: all that a model is told. */
  readonly output: unknown
  /** Everything, as content of MCP: https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result */
  readonly content: readonly Record<string, unknown>[]
  constructor(output: unknown, content: readonly Record<string, unknown>[]) {
    this.output = output
    this.content = content
  }
}

/** What a tool has answered from what it was told before, with the labels that this had. */
export class LabelledOutput {
  readonly output: unknown
  readonly parts: readonly LabelledPart[]
  constructor(output: unknown, parts: readonly LabelledPart[]) {
    this.output = output
    this.parts = parts
  }
}

/** How a call ended. `unknown`: it may or may not have taken effect. */
export type ToolResult =
  | {
      outcome: 'completed'
      output: unknown
      /** Images, audio and resources, for clients that can show them. */
      content?: readonly Record<string, unknown>[]
      /** Parts that the tool itself has labelled. */
      parts?: readonly LabelledPart[]
      attempts: number
      durationMs: number
      /** How old it is, where it was kept from an earlier call. */
      ageSeconds?: number
    }
  | { outcome: 'accepted'; accepted: Accepted; attempts: number; durationMs: number }
  | { outcome: 'failed' | 'unknown'; error: EventError; attempts: number; durationMs: number }

/** The cause of a failure that says of a tool that it is down, and nothing of the call. */
export class ToolOutage extends Error {
  override readonly name = 'ToolOutage'
}

/** The cause of a failure that says of the call that it is wrong: the same one fails again. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused'
}

/**
 * One attempt at a call. @returns what it says, a RichOutput where that is more than words, a LabelledOutput where it was told it before, AskedInput, or that it was Accepted
 * @throws CausewayError `tool-outcome-unknown` and `tool-timeout` when the effect may have happened
 */
export type AttemptTool = (call: ToolCall, signal: AbortSignal) => Promise<unknown>

/** Largest result that a tool may give, in bytes. */
export const resultBytesAtMost = 1_000_000

/** What a tool says of a call of which nobody knows whether it took effect; undefined when it does not know either. */
export type Reconciled = { output: unknown } | { error: EventError } | undefined

/** How a tool is asked what became of a call. @returns undefined for one that cannot be asked */
export type ReconcileTool = (call: ToolCall) => ((signal: AbortSignal) => Promise<Reconciled>) | undefined
