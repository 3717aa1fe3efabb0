import { setTimeout as sleep } from 'node:timers/promises'
import { listen, readJson, type LoopbackServer } from './listen.ts'

/** A call that arrived and was carried out. */
export interface ArrivedCall {
  tool: string
  arguments: Record<string, unknown>
  idempotencyKey: string | undefined
}

/** How a call of a tool goes wrong. `cut-after-effect`: the effect happens and the answer is lost. */
export type ToolFault = { status: number } | { delayMs: number } | 'cut-after-effect'

export interface ToolWorldOptions {
  /** What each tool does; the result is the answer. */
  tools: Readonly<Record<string, (values: Record<string, unknown>) => unknown>>
  /** Faults by tool, one for each call in order; undefined is no fault. */
  faults?: Readonly<Record<string, readonly (ToolFault | undefined)[]>>
}

/** A world of tools behind real HTTP: tool `name` is at `POST <url>/<name>`. It counts what really arrived. */
export interface ToolWorld extends LoopbackServer {
  readonly calls: readonly ArrivedCall[]
  /** Calls of a tool that had an effect: repetitions with the same Idempotency-Key count once. */
  effects(tool: string): number
}

/**
 * Starts a world of tools.
 * @example
 * await using world = await createToolWorld({ tools: { refund: ({ order }) => ({ refunded: order }) }, faults: { refund: ['cut-after-effect'] } })
 */
export async function createToolWorld({ tools, faults = {} }: ToolWorldOptions): Promise<ToolWorld> {
  const calls: ArrivedCall[] = []
  const arrivals = new Map<string, number>()
  const server = await listen(async (request, response) => {
    const tool = decodeURIComponent((request.url ?? '/').slice(1))
    const handler = tools[tool]
    if (!handler) return void response.writeHead(404).end()
    const key = request.headers['idempotency-key']
    const values = ((await readJson(request)) ?? {}) as Record<string, unknown>
    const arrival = arrivals.get(tool) ?? 0
    arrivals.set(tool, arrival + 1)
    const fault = faults[tool]?.[arrival]
    if (typeof fault === 'object' && 'status' in fault)
      return void response
        .writeHead(fault.status, { 'content-type': 'application/json' })
        .end('{"error":"scripted fault"}')
    calls.push({ tool, arguments: values, idempotencyKey: typeof key === 'string' ? key : undefined })
    const result = await handler(values)
    if (fault === 'cut-after-effect') return void response.destroy()
    if (typeof fault === 'object') await sleep(fault.delayMs)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result ?? null))
  })
  return {
    url: server.url,
    calls,
    effects: tool =>
      new Set(
        calls.filter(each => each.tool === tool).map(({ idempotencyKey }, index) => idempotencyKey ?? `call ${index}`),
      ).size,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
