import { randomUUID } from 'node:crypto'
import { CausewayError, type WorkerCall, type WorkerResult } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import { type AttemptTool, type ToolCall } from './tool-call.ts'

/** A connected worker as the hub sees it. */
export interface ConnectedWorker {
  readonly workerId: string
  /** Ends the connection; calls that are under way have an unknown outcome. */
  disconnect(): void
  /** Takes an answer of the worker. @throws CausewayError not-found when no such call is under way. */
  answer(result: WorkerResult): void
  /** Sends it no more calls, and ends the connection when the last one under way has its answer. */
  drain(): void
}

interface Worker {
  readonly id: string
  readonly environmentId: string
  readonly tools: ReadonlySet<string>
  readonly connection: WorkerConnection
  draining: boolean
  readonly pending: Map<string, { resolve: (output: unknown) => void; reject: (error: CausewayError) => void }>
}

/** The way to a worker. */
export interface WorkerConnection {
  send(call: WorkerCall): void
  end(): void
}

/** Calls that may be under way on one worker at a time. */
const callsAtMost = 256

/** Keeps the workers that are connected to this replica and hands calls to them. */
export interface WorkerHub {
  connect(scope: Scope, tools: readonly string[], connection: WorkerConnection): ConnectedWorker
  find(scope: Scope, workerId: string): ConnectedWorker
  attempt: AttemptTool
}

export function createWorkerHub(): WorkerHub {
  const workers = new Map<string, Worker>()

  const endIfDrained = ({ draining, pending, connection }: Worker): void => {
    if (draining && pending.size === 0) connection.end()
  }

  const handleOf = (worker: Worker): ConnectedWorker => ({
    workerId: worker.id,
    disconnect() {
      workers.delete(worker.id)
      for (const { reject } of worker.pending.values())
        reject(new CausewayError('tool-outcome-unknown', 'The worker went away before it answered.'))
      worker.pending.clear()
    },
    answer(result) {
      const waiting = worker.pending.get(result.callId)
      if (!waiting) throw new CausewayError('not-found', `No call ${result.callId} is under way on this worker.`)
      worker.pending.delete(result.callId)
      if (result.outcome === 'completed') waiting.resolve(result.output)
      else waiting.reject(new CausewayError('tool-failed', result.message))
      endIfDrained(worker)
    },
    drain() {
      worker.draining = true
      endIfDrained(worker)
    },
  })

  /** The least busy of the workers of the environment that serve the tool. */
  function choose({ scope, tool }: ToolCall): Worker {
    const able = [...workers.values()].filter(
      each => !each.draining && each.environmentId === scope.environmentId && each.tools.has(tool),
    )
    const [chosen] = able.toSorted((one, other) => one.pending.size - other.pending.size)
    if (!chosen) throw new CausewayError('no-worker', `No worker is connected that serves the tool ${tool}.`)
    if (chosen.pending.size >= callsAtMost)
      throw new CausewayError(
        'no-worker',
        `Every worker that serves the tool ${tool} is busy with ${callsAtMost} calls.`,
      )
    return chosen
  }

  return {
    connect(scope, tools, connection) {
      const worker: Worker = {
        id: randomUUID(),
        environmentId: scope.environmentId,
        tools: new Set(tools),
        connection,
        draining: false,
        pending: new Map(),
      }
      workers.set(worker.id, worker)
      return handleOf(worker)
    },

    find(scope, workerId) {
      const worker = workers.get(workerId)
      if (worker?.environmentId !== scope.environmentId)
        throw new CausewayError('not-found', `No worker ${workerId} is connected here.`)
      return handleOf(worker)
    },

    attempt: (call, signal) =>
      new Promise((resolve, reject) => {
        const worker = choose(call)
        const onAbort = (): void => {
          worker.pending.delete(call.effectKey)
          endIfDrained(worker)
          reject(new CausewayError('tool-outcome-unknown', 'The call was given up before the worker answered.'))
        }
        const settle = (end: () => void): void => {
          signal.removeEventListener('abort', onAbort)
          end()
        }
        worker.pending.set(call.effectKey, {
          resolve: output => settle(() => resolve(output)),
          reject: error => settle(() => reject(error)),
        })
        signal.addEventListener('abort', onAbort, { once: true })
        worker.connection.send({
          callId: call.effectKey,
          tool: call.tool,
          arguments: call.arguments,
          idempotencyKey: call.effectKey,
          runId: call.runId,
          deadline: new Date(Date.now() + call.spec.timeoutSeconds * 1000).toISOString(),
        })
      }),
  }
}
