import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A program in a process of its own, which speaks in lines on standard output. */
export interface TestChild extends AsyncDisposable {
  /** Everything that it has said so far. */
  readonly lines: readonly string[]
  /** Waits until it has said this many lines; fails, with what it said on standard error, when it ends before. */
  says(count: number): Promise<void>
  /** Kills it as `kill -9` does, and waits until it has ended. */
  kill(): Promise<void>
  readonly exitCode: Promise<number | null>
}

/** Starts a TypeScript file with arguments. */
export function startTestChild(file: URL, given: readonly string[]): TestChild {
  const child = spawn(process.execPath, [file.pathname, ...given], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'close')
  const lines: string[] = []
  const complaints: Buffer[] = []
  createInterface({ input: child.stdout }).on('line', line => lines.push(line))
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))

  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exit
  }
  return {
    lines,
    async says(count) {
      while (lines.length < count) {
        const ended = await Promise.race([exit.then(() => true), once(child.stdout, 'data').then(() => false)])
        if (ended && lines.length < count) throw new Error(`It ended early: ${Buffer.concat(complaints).toString()}`)
      }
    },
    kill,
    exitCode: exit.then(() => child.exitCode),
    [Symbol.asyncDispose]: kill,
  }
}
