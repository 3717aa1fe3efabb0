import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { listenOnLoopback, stopServer } from './listen-on-loopback.ts'

export interface ReceivedRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

/** Answers the request with this number, counted from 0. */
type Answer = (response: ServerResponse, request: ReceivedRequest, number: number) => unknown

export interface FakeUpstream extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string
  requests: ReceivedRequest[]
  /** Connections that were closed before their answer had ended. */
  readonly abandoned: number
}

/** A provider on a loopback socket. */
export async function fakeUpstream(answer: Answer): Promise<FakeUpstream> {
  const requests: ReceivedRequest[] = []
  let abandoned = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('close', () => {
      if (!response.writableFinished) abandoned++
    })
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const received = { method, url, headers, body: Buffer.concat(chunks).toString() }
      requests.push(received)
      answer(response, received, requests.length - 1)
    })
  })
  const url = await listenOnLoopback(server)
  return {
    url,
    requests,
    get abandoned() {
      return abandoned
    },
    [Symbol.asyncDispose]: () => stopServer(server),
  }
}

export const answerJson = (
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

export const openStream = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
}

/** Writes events with the data given, objects as JSON. */
export const writeEvents = (response: ServerResponse, ...events: unknown[]): void => {
  for (const event of events) response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
}

/** A chunk of a chat completion as OpenAI sends it. */
export const chunk = (delta: object, finishReason: string | null = null): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'upstream-model',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
})

/** The last chunk with the usage. */
export const usageChunk = (input: number, output: number): object => ({
  ...chunk({}),
  choices: [],
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
})
