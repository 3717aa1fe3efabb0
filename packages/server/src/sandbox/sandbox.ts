/** What a program may use up. */
export interface SandboxLimits {
  /** Milliseconds of its own time. */
  timeMs: number
  memoryBytes: number
  /** Of its stack. */
  stackBytes: number
  /** Characters of the JSON that it gives back. */
  outputCharacters: number
}

/** A program and what it is called with. */
export interface SandboxCall {
  /** An ES module of JavaScript whose default export is a function of one argument. */
  source: string
  argument: unknown
  limits: SandboxLimits
}

/** How a program ended. */
export type SandboxEnd =
  | { outcome: 'returned'; value: unknown }
  | { outcome: 'threw'; message: string }
  | { outcome: 'time-used-up' }
  | { outcome: 'memory-used-up' }
  | { outcome: 'output-too-large' }

/** Runs programs that nobody trusts. They reach nothing: no files, no network, no clock but Date, nothing of the host. */
export interface Sandbox {
  /** @throws SandboxBusyError when too many wait; the reason of the signal when that is aborted */
  run(call: SandboxCall, signal: AbortSignal): Promise<SandboxEnd>
  /** Ends what runs. */
  close(): Promise<void>
}

/** Too many programs wait for a place. */
export class SandboxBusyError extends Error {
  override readonly name = 'SandboxBusyError'
}
