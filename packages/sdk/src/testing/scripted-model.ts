import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { listen, readJson, sendJson, type LoopbackServer } from './listen.ts'
import type { ScriptedTurn } from './scripted-turn.ts'
import { chunksOf, completionOf } from './wire-format.ts'

/** What a request asked, as it arrived. */
export interface ReceivedRequest {
  model: string
  stream: boolean
  messages: { role: string; content?: unknown; tool_call_id?: string }[]
  /** Names of the tools that were offered. */
  tools: string[]
  /** The whole body. */
  body: Record<string, unknown>
  /** Headers, their names in lower case. */
  headers: Readonly<Record<string, string>>
}

export interface ScriptedModelOptions {
  /** Answers in order; after the last one, a plain "done". */
  turns?: readonly ScriptedTurn[]
  /** Chooses the answer from the request and its number from 0 instead. */
  respond?: (request: ReceivedRequest, index: number) => ScriptedTurn | Promise<ScriptedTurn>
}

/** A model that says what a test wants, over a real socket in the wire format of OpenAI chat completions. */
export interface ScriptedModel extends LoopbackServer {
  /** `baseUrl` for a provider of type openai-compatible, or for an official client. */
  readonly baseUrl: string
  /** Every request that was understood, in the order of arrival. */
  readonly requests: readonly ReceivedRequest[]
}

const Body = z
  .object({
    model: z.string(),
    stream: z.boolean().default(false),
    stream_options: z.object({ include_usage: z.boolean().optional() }).loose().nullish(),
    messages: z.array(z.object({ role: z.string() }).loose()),
    tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
  })
  .loose()
type Body = z.infer<typeof Body>

/**
 * Starts a scripted model on a free port of the loopback interface.
 * @example
 * await using model = await createScriptedModel({
 *   turns: [{ toolCalls: [{ name: 'lookup-order', arguments: { order: '7' } }] }, { text: 'It is on its way.' }],
 * })
 * const scripted = provider({ name: 'scripted', type: 'openai-compatible', baseUrl: model.baseUrl })
 * // … run the agent, then look at what it asked: model.requests[0]?.messages
 * @example
 * // The provider is overloaded once, then answers.
 * await using model = await createScriptedModel({
 *   turns: [{ fault: { status: 429, retryAfterSeconds: 1 } }, { text: 'Here I am.' }],
 * })
 */
export async function createScriptedModel({ turns = [], respond }: ScriptedModelOptions): Promise<ScriptedModel> {
  const requests: ReceivedRequest[] = []
  const choose =
    respond ?? ((_request: ReceivedRequest, index: number): ScriptedTurn => turns[index] ?? { text: 'done' })
  const server = await listen(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://loopback').pathname
    if (path === '/v1/models')
      return sendJson(response, 200, {
        object: 'list',
        data: [{ id: 'scripted', object: 'model', created: 0, owned_by: 'test' }],
      })
    if (path !== '/v1/chat/completions') return sendError(response, 404, `There is no ${path} here.`)
    const { success, data: body, error } = Body.safeParse(await readJson(request).catch(() => undefined))
    if (!success) return sendError(response, 400, z.prettifyError(error))
    const index = requests.push(receivedOf(request, body)) - 1
    const received = requests[index] as ReceivedRequest
    const turn = await choose(received, index)
    if (turn.delayMs) await sleep(turn.delayMs)
    await answer(response, body, turn, `chatcmpl-${index + 1}`)
  })
  return {
    url: server.url,
    baseUrl: `${server.url}/v1`,
    requests,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function receivedOf({ headers }: IncomingMessage, body: Body): ReceivedRequest {
  const { model, stream, messages, tools } = body
  return {
    model,
    stream,
    messages,
    tools: tools.map(({ function: { name } }) => name),
    body,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  }
}

async function answer(response: ServerResponse, request: Body, turn: ScriptedTurn, id: string): Promise<void> {
  const { fault } = turn
  if (fault === 'hang') return
  if (typeof fault === 'object') {
    if (fault.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(fault.retryAfterSeconds))
    return sendError(response, fault.status, fault.message ?? 'scripted fault')
  }
  const wire = { id, model: request.model, turn }
  if (request.stream) return sendStream(response, chunksOf(wire, request.stream_options?.include_usage === true), turn)
  const whole = JSON.stringify(completionOf(wire))
  const broken = fault !== undefined
  response.writeHead(200, { 'content-type': 'application/json' })
  // Node holds back a write that is followed by nothing; the reader has to see that the answer has begun.
  if (broken) await new Promise(resolve => response.write(whole.slice(0, whole.length / 2), resolve))
  if (fault === 'cut-mid-stream') response.destroy()
  else if (fault !== 'hang-mid-stream') response.end(broken ? '' : whole)
}

async function sendStream(
  response: ServerResponse,
  { text, rest }: ReturnType<typeof chunksOf>,
  { fault }: ScriptedTurn,
): Promise<void> {
  const send = (data: string): Promise<unknown> => new Promise(resolve => response.write(`data: ${data}\n\n`, resolve))
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of text) await send(JSON.stringify(chunk))
  if (fault === 'hang-mid-stream') return
  if (fault === 'cut-mid-stream') return void response.destroy()
  if (fault === 'malformed') return void response.end('data: {"choices": [\n\n')
  for (const chunk of rest) await send(JSON.stringify(chunk))
  response.end('data: [DONE]\n\n')
}

const sendError = (response: ServerResponse, status: number, message: string): void =>
  sendJson(response, status, {
    error: { message, type: status >= 500 ? 'server_error' : 'invalid_request_error', param: null, code: null },
  })
