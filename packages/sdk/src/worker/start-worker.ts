import { WorkerCall, WorkerReady, type WorkerResult } from '@causeway/contracts'
import { delay } from '../client/create-http.ts'
import type { Client } from '../client/create-client.ts'
import { readEvents } from '../client/read-events.ts'
import type { ServedTool } from '../define.ts'

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
  /** Resolves when the first connection stands. */
  readonly connected: Promise<void>
  /** Takes no more calls and waits for those under way. */
  close(): Promise<void>
}

const resultAttempts = 5

/** Serves tools over a connection that the worker opens and keeps: calls come down as events, results go up as requests. */
export function worker({ client, tools, concurrency = 16, log = () => undefined }: WorkerOptions): RunningWorker {
  const byName = new Map(tools.map(each => [each.manifest.name, each]))
  const stop = new AbortController()
  const running = new Set<Promise<void>>()
  let markConnected: () => void = () => undefined
  const connected = new Promise<void>(resolve => (markConnected = resolve))

  async function serve(workerId: string, call: WorkerCall): Promise<void> {
    const result = await answer(byName.get(call.tool), call)
    log(`${call.tool} ${result.outcome}`)
    await report(client, workerId, result).catch((error: unknown) =>
      log(`a result of ${call.tool} could not be sent: ${String(error)}`),
    )
  }

  async function connect(): Promise<void> {
    const response = await client.http.open('/v1/workers/connect', {
      query: { tools: [...byName.keys()].join(',') },
      headers: { accept: 'text/event-stream' },
      signal: stop.signal,
    })
    let workerId = ''
    for await (const { event, data } of readEvents(response)) {
      const body: unknown = JSON.parse(data)
      if (event === 'ready') {
        workerId = WorkerReady.parse(body).workerId
        log(`connected, serves ${[...byName.keys()].join(', ')}`)
        markConnected()
      }
      if (event !== 'call') continue
      while (running.size >= concurrency) await Promise.race(running)
      const work = serve(workerId, WorkerCall.parse(body)).finally(() => running.delete(work))
      running.add(work)
    }
  }

  async function keepConnected(): Promise<void> {
    for (let failures = 0; !stop.signal.aborted; failures++) {
      try {
        await connect()
        failures = 0
      } catch (error) {
        if (!stop.signal.aborted) log(`not connected: ${error instanceof Error ? error.message : String(error)}`)
      }
      await delay(Math.min(10_000, 200 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2), stop.signal).catch(
        () => undefined,
      )
    }
  }

  const loop = keepConnected()
  const close = async (): Promise<void> => {
    await Promise.allSettled(running)
    stop.abort()
    await loop
  }
  return { connected, close, [Symbol.asyncDispose]: close }
}

async function answer(tool: ServedTool | undefined, call: WorkerCall): Promise<WorkerResult> {
  const { callId, idempotencyKey, runId } = call
  if (!tool) return { callId, outcome: 'failed', message: `This worker does not serve ${call.tool}.` }
  const signal = AbortSignal.timeout(Math.max(0, Date.parse(call.deadline) - Date.now()))
  try {
    return {
      callId,
      outcome: 'completed',
      output: (await tool.run(call.arguments, { idempotencyKey, runId, signal })) ?? null,
    }
  } catch (error) {
    return {
      callId,
      outcome: 'failed',
      message: (error instanceof Error ? error.message : String(error)).slice(0, 10_000),
    }
  }
}

async function report(client: Client, workerId: string, result: WorkerResult): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.http.json(`/v1/workers/${encodeURIComponent(workerId)}/results`, { method: 'POST', body: result })
      return
    } catch (error) {
      if (attempt >= resultAttempts || !(error instanceof Error && error.name === 'PlatformUnreachableError'))
        throw error
      await delay(200 * 2 ** attempt)
    }
  }
}
