import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { listen, readJson, sendJson, type LoopbackServer } from './listen.ts'

/** A call that arrived and was carried out. */
export interface ArrivedCall {
  tool: string
  arguments: Record<string, unknown>
  idempotencyKey: string | undefined
}

/**
 * How a call of a tool goes wrong. `status`: it is refused and has no effect. `delayMs`: the answer comes that much
 * later than the effect. `cut-after-effect`: the effect happens and the answer is lost.
 */
export type ToolFault = { status: number } | { delayMs: number } | 'cut-after-effect'

/** What a tool does; what it returns is the answer, and an error that it throws is told with the status 500. */
export type WorldTool<State> = (values: Record<string, unknown>, state: State) => unknown

export interface ToolWorldOptions<State = undefined> {
  /** What each tool does. */
  tools: Readonly<Record<string, WorldTool<State>>>
  /** What the tools read and change; `world.state` has it for the test. */
  state?: State
  /** Faults by tool, one for each call in order; undefined is no fault. */
  faults?: Readonly<Record<string, readonly (ToolFault | undefined)[]>>
}

/** A world of tools behind real HTTP: tool `name` is at `POST <url>/<name>` (or GET, with its arguments in the query). It counts what really arrived. */
export interface ToolWorld<State = undefined> extends LoopbackServer {
  readonly state: State
  /** Every call that was carried out, repetitions included. */
  readonly calls: readonly ArrivedCall[]
  /** Calls of a tool that had an effect: repetitions with the same Idempotency-Key count once. */
  effects(tool: string): number
}

const Values = z.record(z.string(), z.unknown()).default({})

/**
 * Starts a world of tools on a free port of the loopback interface. It honours Idempotency-Key: a repeated call
 * changes nothing and gets the first answer again.
 * @example
 * await using world = await createToolWorld({
 *   state: { refunded: 0 },
 *   tools: { refund: ({ amount }, state) => ({ total: (state.refunded += Number(amount)) }) },
 *   faults: { refund: ['cut-after-effect'] },
 * })
 * // … run the agent, then: world.state.refunded, world.effects('refund'), world.calls
 */
export async function createToolWorld<State = undefined>(options: ToolWorldOptions<State>): Promise<ToolWorld<State>> {
  const { tools, faults = {} } = options
  const state = options.state as State
  const calls: ArrivedCall[] = []
  const arrivals = new Map<string, number>()
  const answers = new Map<string, Promise<unknown>>()
  const server = await listen(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://loopback')
    const tool = decodeURIComponent(url.pathname.slice(1))
    const run = Object.hasOwn(tools, tool) ? tools[tool] : undefined
    if (!run) return sendJson(response, 404, { error: `There is no tool ${tool} in this world.` })
    const values = await valuesOf(request, url).catch(() => undefined)
    if (!values) return sendJson(response, 400, { error: 'The arguments are not a JSON object.' })
    const arrival = arrivals.get(tool) ?? 0
    arrivals.set(tool, arrival + 1)
    const fault = faults[tool]?.[arrival]
    if (typeof fault === 'object' && 'status' in fault)
      return sendJson(response, fault.status, { error: 'scripted fault' })
    const key = request.headers['idempotency-key']
    const idempotencyKey = typeof key === 'string' ? key : undefined
    calls.push({ tool, arguments: values, idempotencyKey })
    const known = `${tool} ${idempotencyKey ?? `without a key ${calls.length}`}`
    const result = answers.get(known) ?? (async () => await run(values, state))()
    answers.set(known, result)
    const [status, answer] = await result.then(
      (value): [number, unknown] => [200, value ?? null],
      (error: unknown): [number, unknown] => [500, { error: error instanceof Error ? error.message : String(error) }],
    )
    if (fault === 'cut-after-effect') return void response.destroy()
    if (typeof fault === 'object') await sleep(fault.delayMs, undefined, { ref: false })
    sendJson(response, status, answer)
  })
  return {
    url: server.url,
    state,
    calls,
    effects: tool =>
      new Set(
        calls.filter(each => each.tool === tool).map(({ idempotencyKey }, index) => idempotencyKey ?? `call ${index}`),
      ).size,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function valuesOf(request: IncomingMessage, url: URL): Promise<Record<string, unknown>> {
  const body = Values.parse(await readJson(request))
  return { ...Object.fromEntries(url.searchParams), ...body }
}
