import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { listen, readJson, type LoopbackServer } from './listen.ts'

/** One answer of the scripted model: text, tool calls, or a fault. */
export interface ScriptedTurn {
  text?: string
  toolCalls?: readonly { name: string; arguments: Record<string, unknown> | string }[]
  usage?: { inputTokens: number; outputTokens: number }
  /** Milliseconds before the answer. */
  delayMs?: number
  fault?: { status: number; retryAfterSeconds?: number } | 'hang' | 'cut-mid-stream' | 'malformed'
}

/** What a request asked, as it arrived. */
export interface ReceivedRequest {
  model: string
  stream: boolean
  messages: { role: string; content?: unknown; tool_call_id?: string }[]
  tools: string[]
  body: Record<string, unknown>
}

export interface ScriptedModelOptions {
  /** Answers in order; after the last one, a plain "done". */
  turns?: readonly ScriptedTurn[]
  /** Chooses the answer from the request instead. */
  respond?: (request: ReceivedRequest, index: number) => ScriptedTurn
}

/** A model that says what a test wants, over a real socket in the wire format of OpenAI chat completions. */
export interface ScriptedModel extends LoopbackServer {
  /** `baseUrl` for a provider of type openai-compatible. */
  readonly baseUrl: string
  readonly requests: readonly ReceivedRequest[]
}

const Body = z
  .object({
    model: z.string(),
    stream: z.boolean().default(false),
    messages: z.array(z.object({ role: z.string() }).loose()),
    tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
  })
  .loose()

/**
 * Starts a scripted model.
 * @example
 * await using model = await createScriptedModel({ turns: [{ toolCalls: [{ name: 'lookup-order', arguments: { order: '7' } }] }, { text: 'It is on its way.' }] })
 */
export async function createScriptedModel({ turns = [], respond }: ScriptedModelOptions): Promise<ScriptedModel> {
  const requests: ReceivedRequest[] = []
  const choose =
    respond ?? ((_request: ReceivedRequest, index: number): ScriptedTurn => turns[index] ?? { text: 'done' })
  const server = await listen(async (request, response) => {
    if (request.url?.endsWith('/models'))
      return sendJson(response, 200, { object: 'list', data: [{ id: 'scripted', object: 'model' }] })
    const body = Body.parse(await readJson(request))
    const received: ReceivedRequest = { ...body, tools: body.tools.map(({ function: { name } }) => name), body }
    requests.push(received)
    const turn = choose(received, requests.length - 1)
    if (turn.delayMs) await sleep(turn.delayMs)
    await answer(response, received, turn, requests.length)
  })
  return {
    url: server.url,
    baseUrl: `${server.url}/v1`,
    requests,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function answer(
  response: ServerResponse,
  request: ReceivedRequest,
  turn: ScriptedTurn,
  count: number,
): Promise<void> {
  const { fault } = turn
  if (fault === 'hang') return
  if (fault === 'malformed')
    return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": [')
  if (typeof fault === 'object') {
    if (fault.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(fault.retryAfterSeconds))
    return sendJson(response, fault.status, { error: { message: 'scripted fault', type: 'server_error', code: null } })
  }
  const id = `chatcmpl-${count}`
  if (request.stream) return streamTurn(response, request, turn, id)
  sendJson(response, 200, {
    id,
    object: 'chat.completion',
    created: 0,
    model: request.model,
    choices: [
      {
        index: 0,
        finish_reason: finishReason(turn),
        message: { role: 'assistant', content: turn.text ?? null, ...wireCalls(turn, id) },
      },
    ],
    usage: usageOf(turn),
  })
}

async function streamTurn(
  response: ServerResponse,
  request: ReceivedRequest,
  turn: ScriptedTurn,
  id: string,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (choices: unknown[], extra: object = {}): void =>
    void response.write(
      `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: 0, model: request.model, choices, ...extra })}\n\n`,
    )
  const delta = (value: object, reason: string | null = null): void =>
    send([{ index: 0, delta: value, finish_reason: reason }])
  delta({ role: 'assistant', content: '' })
  for (const piece of (turn.text ?? '').match(/\S+\s*|\s+/g) ?? []) delta({ content: piece })
  if (turn.fault === 'cut-mid-stream') return void response.destroy()
  for (const [index, call] of (wireCalls(turn, id).tool_calls ?? []).entries())
    delta({ tool_calls: [{ index, ...call }] })
  delta({}, finishReason(turn))
  send([], { usage: usageOf(turn) })
  response.end('data: [DONE]\n\n')
}

const finishReason = ({ toolCalls }: ScriptedTurn): string => (toolCalls?.length ? 'tool_calls' : 'stop')

function usageOf({ usage = { inputTokens: 10, outputTokens: 5 } }: ScriptedTurn): object {
  const { inputTokens, outputTokens } = usage
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens }
}

function wireCalls({ toolCalls }: ScriptedTurn, id: string): { tool_calls?: object[] } {
  if (!toolCalls?.length) return {}
  return {
    tool_calls: toolCalls.map(({ name, arguments: values }, index) => ({
      id: `call_${id}_${index}`,
      type: 'function',
      function: { name, arguments: typeof values === 'string' ? values : JSON.stringify(values) },
    })),
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
