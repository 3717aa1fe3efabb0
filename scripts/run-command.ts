import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** Root of the repository. */
export const root = join(import.meta.dirname, '..')

/** How a command ended. */
export interface CommandResult {
  ok: boolean
  /** What it printed, standard output and error together. */
  output: string
  seconds: number
}

/** Runs a command from the root, with the project's own programs first on the path. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { show?: boolean; env?: Record<string, string> } = {},
): Promise<CommandResult> {
  const startedAt = performance.now()
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...options.env, PATH: path },
    stdio: ['ignore', options.show ? 'inherit' : 'pipe', options.show ? 'inherit' : 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer): void => void (output += chunk.toString())
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return new Promise(resolve => {
    const end = (ok: boolean): void => resolve({ ok, output, seconds: (performance.now() - startedAt) / 1000 })
    child.on('error', error => {
      output += error.message
      end(false)
    })
    child.on('exit', code => end(code === 0))
  })
}
