import { CausewayError } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { listen, readJson, sendJson } from '../testing/listen.ts'
import { createClient } from './create-client.ts'
import type { StreamItem } from './read-items.ts'
import { readEvents } from './read-events.ts'

const event = (sequence: number, type: string, data: object): string => {
  const whole = { sequence, sessionId: 's', runId: 'run_1', at: '2026-01-01T00:00:00Z', schemaVersion: 1, type, data }
  return `id: ${sequence}\nevent: ${type}\ndata: ${JSON.stringify(whole)}\n\n`
}
const begun = (sequence: number): string => event(sequence, 'segment-started', { segment: sequence, replica: 'r' })
const spent = { steps: 1, toolCalls: 0, inputTokens: 1, outputTokens: 1, nanoUsd: 0, seconds: 1 }
const ended = (sequence: number): string =>
  event(sequence, 'run-ended', { status: 'succeeded', reason: 'completed', output: 'hi', spent })
const text = `event: text-delta\ndata: ${JSON.stringify({ type: 'text-delta', runId: 'run_1', step: 1, text: 'hé' })}\n\n`

/** A server whose n-th stream has the n-th text; `cut` breaks the connection, else it is closed in order. */
async function serveStreams(...streams: { text: string; cut?: boolean }[]) {
  const asked: { line: string; lastEventId: unknown; key: unknown }[] = []
  const server = await listen(async (request, response) => {
    await readJson(request)
    const { 'last-event-id': lastEventId, 'idempotency-key': key } = request.headers
    asked.push({ line: `${request.method} ${request.url}`, lastEventId, key })
    const stream = streams[asked.length - 1]
    if (!stream) {
      const gone = new CausewayError('not-found', 'It is gone.')
      return sendJson(response, 404, gone.toProblem())
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    await new Promise(resolve => response.write(stream.text, resolve))
    if (stream.cut) response.destroy()
    else response.end()
  })
  return { asked, url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

async function read(items: AsyncIterable<StreamItem>): Promise<(number | string)[]> {
  const seen: (number | string)[] = []
  for await (const item of items) seen.push('sequence' in item ? item.sequence : item.type)
  return seen
}

test('a stream that is cut goes on after its last event, each event once [A1.stream, I1.sdk]', async () => {
  await using server = await serveStreams(
    { text: `: hello\n\n${begun(1)}${text}${event(2, 'of-a-newer-platform', {})}`, cut: true },
    { text: begun(1) + begun(3) },
    { text: begun(3), cut: true },
    { text: ended(4) },
  )
  const client = createClient({ baseUrl: server.url })
  expect(await read(client.runs.stream({ agent: 'clerk', input: 'hi' }))).toEqual([1, 'text-delta', 3, 4])
  expect(server.asked.map(({ line, lastEventId }) => [line, lastEventId])).toEqual([
    ['POST /v1/runs', undefined],
    ['GET /v1/runs/run_1/events', '1'],
    ['GET /v1/runs/run_1/events', '3'],
    ['GET /v1/runs/run_1/events', '3'],
  ])
})

test('a stream that is cut before its first event is asked for again, and no second run begins', async () => {
  await using server = await serveStreams({ text: ':\n\n', cut: true }, { text: begun(1) + ended(2) })
  expect(await read(createClient({ baseUrl: server.url }).runs.stream({ agent: 'clerk', input: 'hi' }))).toEqual([1, 2])
  expect(server.asked.map(({ line }) => line)).toEqual(['POST /v1/runs', 'POST /v1/runs'])
  expect(server.asked[0]?.key).toBe(server.asked[1]?.key)
})

test('what will not pass ends the stream at once', async () => {
  await using server = await serveStreams({ text: begun(1), cut: true })
  await expect(read(createClient({ baseUrl: server.url }).runs.follow('run_1'))).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('a session is followed past the end of a run, and the signal ends it', async () => {
  await using server = await serveStreams({ text: begun(1) + ended(2) }, { text: begun(3) })
  const abort = new AbortController()
  const seen: number[] = []
  const following = (async () => {
    for await (const item of createClient({ baseUrl: server.url }).sessions.follow('s', { signal: abort.signal })) {
      if ('sequence' in item) seen.push(item.sequence)
      if (seen.length === 3) abort.abort(new Error('enough'))
    }
  })()
  await expect(following).rejects.toThrow('enough')
  expect(seen).toEqual([1, 2, 3])
})

test('a connection over which nothing comes is given up, and bytes are put together across chunks', async () => {
  await using server = await listen(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const byte of Buffer.from('data: é\n\n'))
      await new Promise(resolve => response.write(Buffer.of(byte), resolve))
  })
  const seen: string[] = []
  const reading = (async () => {
    for await (const { data } of readEvents(await fetch(server.url), 100)) seen.push(data)
  })()
  await expect(reading).rejects.toThrow('nothing came over the stream for 0.1 s')
  expect(seen).toEqual(['é'])
})
