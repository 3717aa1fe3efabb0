import { LRUCache } from 'lru-cache'
import { Agent, type Dispatcher } from 'undici'
import type { IncomingHttpHeaders } from 'node:http'
import type { Deadlines } from '../../deadlines.ts'
import { connectionFailure } from './connection-failure.ts'
import { UpstreamBody } from './upstream-body.ts'

export interface UpstreamRequest {
  /** Name of the provider, for error messages. */
  provider: string
  method: 'GET' | 'POST' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: Buffer | string
  signal: AbortSignal
  /** Overrides the deadlines of the connection pool. */
  firstByteMs?: number
  /** Between two pieces of the answer. */
  idleMs?: number
  /** For the connection itself. */
  connectMs?: number
}

export interface UpstreamResponse {
  status: number
  headers: IncomingHttpHeaders
  body: UpstreamBody
}

/** HTTP to providers: keeps connections alive, watches deadlines, never follows redirects. */
export interface Upstream {
  /**
   * Sends a request and waits for the head of the answer.
   * @throws ProviderFailure when there is no answer, the reason of `signal` when that aborts.
   */
  send(request: UpstreamRequest): Promise<UpstreamResponse>
  close(): Promise<void>
}

export function createUpstream({ deadlines }: { deadlines: Deadlines }): Upstream {
  // undici's own header and body timers are off: each body has one deadline timer that stands still while the reader is slow.
  const agents = new Map<number, Agent>()
  const agentFor = (connectMs: number): Agent => {
    const known = agents.get(connectMs)
    if (known) return known
    const agent = new Agent({
      connections: 256,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: connectMs },
    })
    agents.set(connectMs, agent)
    return agent
  }
  return {
    send: request => send(agentFor(request.connectMs ?? deadlines.connectMs), deadlines, request),
    async close() {
      await Promise.all([...agents.values()].map(agent => agent.destroy()))
    },
  }
}

function send(agent: Agent, deadlines: Deadlines, request: UpstreamRequest): Promise<UpstreamResponse> {
  const { signal, provider } = request
  if (signal.aborted) return Promise.reject(asError(signal.reason))
  const { origin, path } = addressOf(request.url)
  return new Promise((resolve, reject) => {
    const body = new UpstreamBody({
      provider,
      firstByteMs: request.firstByteMs ?? deadlines.firstByteMs,
      idleMs: request.idleMs ?? deadlines.idleMs,
    })
    const onAbort = (): void => body.abort(asError(signal.reason))
    const settle = (): void => signal.removeEventListener('abort', onAbort)
    signal.addEventListener('abort', onAbort, { once: true })
    body.onSettled = error => {
      settle()
      if (error) reject(error)
    }
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: controller => body.attach(controller),
      onResponseStart(_controller, status, headers) {
        // 1xx answers come before the real one.
        if (status >= 200) resolve({ status, headers, body })
      },
      onResponseData: (_controller, chunk) => body.push(chunk),
      onResponseEnd: () => body.end(),
      onResponseError: (_controller, error) => body.fail(connectionFailure(provider, error)),
    }
    agent.dispatch(
      {
        origin,
        path,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
      },
      handler,
    )
  })
}

// Most requests go to a few addresses, and reading one takes longer than all else here.
const addresses = new LRUCache<string, { origin: string; path: string }>({ max: 1000 })

function addressOf(text: string): { origin: string; path: string } {
  const known = addresses.get(text)
  if (known) return known
  const { origin, pathname, search } = new URL(text)
  const address = { origin, path: pathname + search }
  addresses.set(text, address)
  return address
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('aborted', { cause: reason }))
