import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { SandboxBusyError, type Sandbox, type SandboxCall, type SandboxEnd } from './sandbox.ts'

/** Time past its own deadline after which a program is ended from outside: some work of an engine cannot be interrupted. */
const graceMs = 100
const startLimitMs = 10_000
const waitingAtMost = 200

interface Seat {
  worker: Worker
  ready: Promise<unknown>
}

/**
 * A pool of worker threads with a QuickJS each. A program that does not end in time, or breaks its engine, takes its thread
 * with it and nothing else.
 */
export function createSandbox({
  workers = Math.max(1, availableParallelism() - 1),
}: { workers?: number } = {}): Sandbox {
  const idle: Seat[] = []
  const all = new Set<Seat>()
  const waiting: { take: () => void }[] = []
  let busy = 0

  const open = (): Seat => {
    const worker = new Worker(new URL('./sandbox-worker.ts', import.meta.url), {
      env: {},
      // An engine that breaks says so on standard error, with words of whoever broke it.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 },
    })
    const seat = { worker, ready: messageFrom(worker, startLimitMs) }
    // Told again to whoever waits for it.
    seat.ready.catch(() => undefined)
    all.add(seat)
    worker.once('exit', () => void all.delete(seat))
    worker.unref()
    return seat
  }
  const release = (seat: Seat | undefined): void => {
    busy--
    if (seat && all.has(seat)) idle.push(seat)
    waiting.shift()?.take()
  }
  const enter = async (signal: AbortSignal): Promise<void> => {
    if (busy >= workers) {
      if (waiting.length >= waitingAtMost) throw new SandboxBusyError('Too many programs wait for the sandbox.')
      const turn = Promise.withResolvers<void>()
      const place = { take: turn.resolve }
      const leave = (): void => {
        const at = waiting.indexOf(place)
        if (at >= 0) waiting.splice(at, 1)
        turn.reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.push(place)
      await turn.promise.finally(() => signal.removeEventListener('abort', leave))
    }
    busy++
  }
  const seated = (): Seat => {
    for (let seat = idle.pop(); seat; seat = idle.pop()) if (all.has(seat)) return seat
    return open()
  }

  return {
    async run(call, signal) {
      signal.throwIfAborted()
      await enter(signal)
      const seat = seated()
      try {
        await seat.ready
        signal.throwIfAborted()
        const end = await answerOf(seat.worker, call, signal)
        release(seat)
        return end
      } catch (error) {
        await seat.worker.terminate()
        release(undefined)
        if (error instanceof EndedFromOutside) return { outcome: 'time-used-up' }
        signal.throwIfAborted()
        return { outcome: 'threw', message: 'The program broke its engine.' }
      }
    },
    async close() {
      await Promise.all([...all].map(({ worker }) => worker.terminate()))
    },
  }
}

class EndedFromOutside extends Error {}

function answerOf(worker: Worker, call: SandboxCall, signal: AbortSignal): Promise<SandboxEnd> {
  const answer = messageFrom(worker, call.limits.timeMs + graceMs, signal)
  worker.postMessage(call, [])
  return answer as Promise<SandboxEnd>
}

function messageFrom(worker: Worker, limitMs: number, signal?: AbortSignal): Promise<unknown> {
  const answer = Promise.withResolvers<unknown>()
  const timer = setTimeout(() => answer.reject(new EndedFromOutside()), limitMs)
  const onAbort = (): void => answer.reject(signal?.reason)
  const onEnd = (): void => answer.reject(new Error('the thread of the sandbox has ended'))
  signal?.addEventListener('abort', onAbort, { once: true })
  worker.once('message', answer.resolve)
  worker.once('error', answer.reject)
  worker.once('exit', onEnd)
  return answer.promise.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    worker.off('message', answer.resolve)
    worker.off('error', answer.reject)
    worker.off('exit', onEnd)
  })
}
