/**
 * A provider that answers at once, on plain sockets so that it takes little of the machine: 1 KB of JSON, or a stream of 50
 * events. The model `fail` is one that is down.
 */
import { createServer, type Socket } from 'node:net'
import { serveMeasured } from './child.ts'

const words = 'The order has left the warehouse and will arrive on Thursday. '
const json = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'gpt-5-mini',
  choices: [
    { index: 0, message: { role: 'assistant', content: words.repeat(10) }, logprobs: null, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 200, completion_tokens: 120, total_tokens: 320 },
})
const whole = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`

const failure = '{"error":{"message":"The model is down.","type":"server_error"}}'
const failed = `HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: ${failure.length}\r\n\r\n${failure}`

const chunk = (delta: object, finishReason: string | null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'gpt-5-mini',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  })}\n\n`
const framed = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const events = [
  ...Array.from({ length: 49 }, (_, index) => chunk({ content: ` word${index}` }, null)),
  chunk({}, 'stop') +
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5-mini', choices: [], usage: { prompt_tokens: 200, completion_tokens: 50, total_tokens: 250 } })}\n\n` +
    'data: [DONE]\n\n',
].map(framed)
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
/** Milliseconds between the events of a stream. */
const pace = Number(process.argv[2] ?? 0)

const server = createServer(socket => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  let pending = Buffer.alloc(0)
  socket.on('data', data => {
    pending = pending.length > 0 ? Buffer.concat([pending, data]) : data
    for (;;) {
      const headEnd = pending.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const length = Number(/content-length: (\d+)/i.exec(pending.toString('latin1', 0, headEnd))?.[1] ?? 0)
      const end = headEnd + 4 + length
      if (pending.length < end) return
      const streamed = pending.subarray(Math.max(headEnd, end - 400), end).includes('"stream":true')
      const fails = pending.subarray(headEnd, headEnd + 200).includes('"model":"fail"')
      pending = pending.subarray(end)
      if (fails) socket.write(failed)
      else if (streamed) stream(socket)
      else socket.write(whole)
    }
  })
})

function stream(socket: Socket): void {
  socket.write(streamHead)
  let at = 0
  const next = (): void => {
    if (socket.destroyed) return
    const event = events[at++]
    if (event === undefined) {
      socket.write('0\r\n\r\n')
      return
    }
    socket.write(event)
    if (pace > 0) setTimeout(next, pace)
    else setImmediate(next)
  }
  next()
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address) serveMeasured({ url: `http://127.0.0.1:${address.port}` })
})
