import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import * as z from 'zod'

const Ready = z.object({ url: z.string(), headers: z.record(z.string(), z.string()).default({}) })
const Usage = z.object({ cpuMicroseconds: z.number(), memoryBytes: z.number(), descriptors: z.number() })
type Usage = z.infer<typeof Usage>

/** A server in a process of its own, so that its processor time can be told from that of the load. */
export interface MeasuredServer extends AsyncDisposable {
  url: string
  /** What clients send beside the body, such as what they authenticate with. */
  headers: Record<string, string>
  /** Since the process began. */
  usage(): Promise<Usage>
}

/** Starts a module that calls `serveMeasured`. */
export async function startServer(module: string, ...parameters: string[]): Promise<MeasuredServer> {
  const child = fork(new URL(module, import.meta.url), parameters, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const { url, headers } = Ready.parse(await nextMessage(child))
  return {
    url,
    headers,
    async usage() {
      child.send('usage')
      return Usage.parse(await nextMessage(child))
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  const message = once(child, 'message', { signal: ended.signal })
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`a server of the benchmark ended with ${String(code)}`)
  })
  try {
    const [first]: unknown[] = await Promise.race([message, exit])
    return first
  } finally {
    ended.abort()
    await Promise.allSettled([message, exit])
  }
}

/** Open files and sockets; 0 where the system does not say. */
function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}

const ownUsage = (): Usage => {
  const { user, system } = process.cpuUsage()
  return {
    cpuMicroseconds: user + system,
    memoryBytes: process.memoryUsage.rss(),
    descriptors: openDescriptors(),
  }
}

/**
 * To be called in the child when requests are answered.
 * @param usage of the process that answers them, where that is another one
 */
export function serveMeasured(ready: { url: string; headers?: Record<string, string> }, usage = ownUsage): void {
  process.on('message', () => process.send?.(usage()))
  process.on('disconnect', () => process.exit())
  process.send?.(ready)
}
