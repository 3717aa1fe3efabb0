import { CausewayError, WorkerCall, WorkerReady } from '@causeway/contracts'
import { backoffMs, delay } from '../client/delay.ts'
import type { Client } from '../client/create-client.ts'
import { readEvents } from '../client/read-events.ts'
import type { ServedTool } from '../define-tool.ts'
import { answerCall } from './answer-call.ts'
import { reportResult } from './report-result.ts'

export interface WorkerOptions {
  client: Client
  tools: readonly ServedTool[]
  /** Calls that are worked on at a time. Default: 16. */
  concurrency?: number
  /** Told of connections, failures and calls; nothing of the content. */
  log?: (message: string) => void
}

/** A worker that serves tools until it is closed. */
export interface RunningWorker extends AsyncDisposable {
  /** Resolves when the first connection stands. Rejects, and the worker ends, when the platform refuses it: the key is wrong, or a tool is not in force. */
  readonly connected: Promise<void>
  /** Takes no more calls and waits for those under way. */
  close(): Promise<void>
}

/** Differences between the clocks that are more than the second to which HTTP dates are exact, in milliseconds. */
const skewAtLeastMs = 2000

/**
 * Serves tools over a connection that the worker opens and keeps: calls come down as events, results go up as requests.
 * @example
 * const serving = worker({ client: createClient({ apiKey }), tools: [lookupOrder], log: console.log })
 * await serving.connected
 * process.once('SIGTERM', () => void serving.close())
 */
export function worker({ client, tools, concurrency = 16, log = () => undefined }: WorkerOptions): RunningWorker {
  const byName = new Map(tools.map(each => [each.manifest.name, each]))
  const names = [...byName.keys()]
  if (names.length === 0) throw new Error('A worker needs at least one tool to serve.')
  /** Aborted when the worker is to end: it connects no more, but keeps a connection that stands. */
  const leaving = new AbortController()
  const stop = new AbortController()
  const running = new Set<Promise<void>>()
  const connected = Promise.withResolvers<void>()
  let everConnected = false
  let workerId: string | undefined

  async function serve(id: string, call: WorkerCall, remainingMs: number): Promise<void> {
    const result = await answerCall(byName.get(call.tool), call, remainingMs)
    log(`${call.tool} ${result?.outcome ?? 'went past its deadline'}`)
    if (result)
      await reportResult(client, id, result).catch((error: unknown) =>
        log(`a result of ${call.tool} could not be sent: ${messageOf(error)}`),
      )
  }

  async function connect(): Promise<void> {
    const response = await client.http.open('/v1/workers/connect', {
      query: { tools: names.join(',') },
      headers: { accept: 'text/event-stream' },
      signal: stop.signal,
    })
    const skewMs = skewOf(response)
    for await (const { event, data } of readEvents(response)) {
      if (event === 'ready') {
        ;({ workerId } = WorkerReady.parse(JSON.parse(data)))
        everConnected = true
        log(`connected, serves ${names.join(', ')}`)
        connected.resolve()
      }
      if (event !== 'call' || workerId === undefined) continue
      const call = WorkerCall.parse(JSON.parse(data))
      while (running.size >= concurrency) await Promise.race(running)
      const work = serve(workerId, call, Date.parse(call.deadline) - Date.now() - skewMs).finally(() =>
        running.delete(work),
      )
      running.add(work)
    }
  }

  async function keepConnected(): Promise<void> {
    for (let failures = 0; !leaving.signal.aborted; failures++) {
      try {
        await connect()
        failures = 0
      } catch (error) {
        if (stop.signal.aborted) return
        log(`not connected: ${messageOf(error)}`)
        if (!everConnected && error instanceof CausewayError && !error.retryable) return connected.reject(error)
        if (workerId !== undefined) failures = 0
      }
      workerId = undefined
      await delay(backoffMs(failures, 200, 10_000), leaving.signal).catch(() => undefined)
    }
  }

  const loop = keepConnected()

  /** Asks the platform to send no more calls and to end the stream after the last answer. */
  async function drain(): Promise<void> {
    if (workerId !== undefined)
      try {
        await client.http.json(`/v1/workers/${encodeURIComponent(workerId)}/drain`, {
          method: 'POST',
          repeatable: true,
        })
        await loop
      } catch (error) {
        log(`leaves without the platform's consent: ${messageOf(error)}`)
      }
    await Promise.allSettled(running)
    stop.abort()
    await loop
  }

  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    leaving.abort()
    if (!everConnected) {
      connected.promise.catch(() => undefined)
      connected.reject(new Error('The worker was closed before it was connected.'))
      stop.abort()
    }
    closed ??= drain()
    return closed
  }
  return { connected: connected.promise, close, [Symbol.asyncDispose]: close }
}

/** Milliseconds by which the clock of the platform is ahead of ours; deadlines are told by its clock. */
function skewOf({ headers }: Response): number {
  const skewMs = Date.parse(headers.get('date') ?? '') - Date.now()
  return Math.abs(skewMs) >= skewAtLeastMs ? skewMs : 0
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
