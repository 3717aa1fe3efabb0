import { stripTypeScriptTypes } from 'node:module'
import { CausewayError, type CodeImplementation } from '@causeway/contracts'
import { SandboxBusyError, type Sandbox, type SandboxEnd } from '../sandbox/index.ts'
import { resultBytesAtMost, type AttemptTool } from './tool-call.ts'

const memoryBytes = 32 * 1024 * 1024
const stackBytes = 256 * 1024

/** Calls a tool that is code of its manifest, in the sandbox. Nothing that it does is seen outside, so no outcome is unknown. */
export function createCodeTool({ sandbox }: { sandbox: Sandbox }): AttemptTool {
  return async ({ tool, spec, arguments: argument }, signal) => {
    const { implementation, timeoutSeconds } = spec
    if (implementation.type !== 'code') throw new CausewayError('internal', `${tool} is not code.`)
    const limits = { timeMs: timeoutSeconds * 1000, memoryBytes, stackBytes, outputCharacters: resultBytesAtMost }
    const source = javaScriptOf(implementation)
    const end = await sandbox.run({ source, argument, limits }, signal).catch((error: unknown) => {
      if (error instanceof SandboxBusyError) throw new CausewayError('tool-failed', error.message, { cause: error })
      throw error
    })
    return valueOf(tool, timeoutSeconds, end)
  }
}

/** @throws Error for TypeScript that is more than JavaScript with types */
export const javaScriptOf = ({ language, source }: CodeImplementation): string =>
  language === 'typescript' ? stripTypeScriptTypes(source) : source

function valueOf(tool: string, seconds: number, end: SandboxEnd): unknown {
  switch (end.outcome) {
    case 'returned':
      return end.value
    case 'threw':
      throw new CausewayError('tool-failed', end.message)
    case 'time-used-up':
      throw new CausewayError('tool-timeout', `${tool} did not end within ${seconds} s.`)
    case 'memory-used-up':
      throw new CausewayError('tool-failed', `${tool} needs more than ${memoryBytes / 1024 / 1024} MiB.`)
    case 'output-too-large':
      throw new CausewayError('invalid-tool-output', `${tool} gives back more than ${resultBytesAtMost} characters.`)
  }
}
