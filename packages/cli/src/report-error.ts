import { CausewayError, errorCatalogue } from '@causeway/contracts'
import { PlatformUnreachableError } from '@causeway/sdk'
import { CommandError } from './command-error.ts'
import { visible } from './visible.ts'

/** Tells on standard error what went wrong and what to do. @returns the exit code */
export function reportError(error: unknown, { json, verbose }: { json: boolean; verbose: boolean }): number {
  if (verbose && error instanceof Error) process.stderr.write(`${visible(error.stack ?? '')}\n`)
  process.stderr.write(`${json ? JSON.stringify({ error: documentOf(error) }) : textOf(error, verbose)}\n`)
  return error instanceof CommandError ? error.exitCode : 1
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const documentOf = (error: unknown): object =>
  error instanceof CausewayError ? error.toProblem() : { detail: messageOf(error) }

function textOf(error: unknown, verbose: boolean): string {
  // What a command says of itself is made of lines that are safe already, such as a list of problems.
  if (error instanceof CommandError) return error.message
  if (error instanceof CausewayError) {
    const { code, problems = [], traceId } = error
    const trace = code === 'internal' && traceId !== undefined ? ` Trace: ${traceId}.` : ''
    return [
      visible(error.message),
      ...problems.map(({ pointer, message }) => `  ${visible(pointer)}: ${visible(message)}`),
      `${errorCatalogue[code].remedy}${trace} (${code})`,
    ].join('\n')
  }
  if (error instanceof PlatformUnreachableError)
    return `${visible(error.message)} (--url, CAUSEWAY_URL or CAUSEWAY_PORT)`
  return `${visible(messageOf(error))}${verbose ? '' : ' (--verbose shows more)'}`
}
