import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { createAnswerCollector, type CollectedAnswer } from '../answer-collector.ts'
import { textOf } from '../content.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/index.ts'
import { openAiChat } from '../dialects/openai-chat/index.ts'
import { openAiResponses } from '../dialects/openai-responses/index.ts'
import type { ModelEvent } from '../model-event.ts'
import { fakeUpstream, openStream, type FakeUpstream, type ReceivedRequest } from '../testing/fake-upstream.ts'
import { gatewayForTest, type GatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'

// The faults of failoverbench (MIT), as its methodology 0.1 names them: each through every client dialect, with providers
// that speak it and with providers that do not. Times are scaled down where a fault takes long.

const words = Array.from({ length: 60 }, (_, index) => `word${index} `)
const wholeText = words.join('')
const usage = { inputTokens: 20, outputTokens: 60, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
const answerEvents: ModelEvent[] = [
  ...words.map(text => ({ type: 'text', text }) as const),
  { type: 'usage', usage },
  { type: 'finished', reason: 'stop' },
]
const collected = (events: readonly ModelEvent[]): CollectedAnswer => {
  const collector = createAnswerCollector({ inputCharacters: 0 })
  for (const event of events) collector.add(event)
  return collector.answer()
}

/** A provider that speaks a dialect, and what it does wrong. */
interface Speaker {
  dialect: Dialect
  model: string
  streamed: boolean
  response: ServerResponse
  request: ReceivedRequest
  number: number
}
type Conduct = (speaker: Speaker) => void

const headOf = (model: string) => ({
  requestId: '7f3bd1a2-0000-4000-8000-000000000000',
  created: 1,
  model,
  request: { model, stream_options: { include_usage: true } },
})
/** The events of a stream as text, one for each word, and its end. */
function piecesOf({ dialect, model }: Speaker): { begin: string; words: string[]; end: string } {
  const writer = dialect.writeStream(headOf(model))
  const begin = writer.begin()
  const pieces = words.map(text => writer.write({ type: 'text', text }))
  const usageText = writer.write({ type: 'usage', usage })
  const end = usageText + writer.write({ type: 'finished', reason: 'stop' }) + writer.end(collected(answerEvents))
  return { begin, words: pieces, end }
}

const healthy: Conduct = speaker => {
  const { dialect, response, streamed, model } = speaker
  if (!streamed) {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(dialect.writeAnswer(headOf(model), collected(answerEvents))))
    return
  }
  const pieces = piecesOf(speaker)
  openStream(response)
  response.end(pieces.begin + pieces.words.join('') + pieces.end)
}

const refuse =
  (status: number, error: object = {}, headers: Record<string, string> = {}): Conduct =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ error: { message: 'no', type: 'server_error', ...error } }))
  }

/** Sends so many words, then does something else. */
const afterWords =
  (count: number, then: (response: ServerResponse) => void): Conduct =>
  speaker => {
    const pieces = piecesOf(speaker)
    openStream(speaker.response)
    speaker.response.write(pieces.begin + pieces.words.slice(0, count).join(''))
    setTimeout(() => then(speaker.response), 20)
  }

const cut = (response: ServerResponse): void => void response.destroy()
const never: Conduct = () => {}

interface Variant {
  client: Dialect
  path: string
  upstream: Dialect
}
const paths = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
}
const variant = (client: Dialect, upstream: Dialect): Variant => ({
  client,
  upstream,
  path: paths[client.name as keyof typeof paths],
})
const variants = [
  variant(openAiChat, openAiChat),
  variant(anthropicMessages, anthropicMessages),
  variant(openAiResponses, openAiResponses),
  variant(openAiChat, anthropicMessages),
  variant(anthropicMessages, openAiChat),
  variant(openAiResponses, openAiChat),
]

const providerOf = (dialect: Dialect, name: string, url: string): ManifestInput & { kind: 'Provider' } => ({
  kind: 'Provider',
  name,
  spec:
    dialect === anthropicMessages
      ? { type: 'anthropic', baseUrl: url, apiKey: { secret: 'KEY' } }
      : {
          type: 'openai-compatible',
          baseUrl: `${url}/v1`,
          ...(dialect === openAiResponses && { preset: 'openai' }),
        },
})

interface World extends AsyncDisposable {
  primary: FakeUpstream
  fallback: FakeUpstream
  gateway: GatewayForTest
  ask(streamed: boolean): Promise<Told>
}
/** What a client was told. */
interface Told {
  status: number
  answer: CollectedAnswer | undefined
  error: string | undefined
  headers: Headers
}

async function worldOf(
  { client, upstream: dialect, path }: Variant,
  primaryDoes: Conduct,
  options: { fallbackDoes?: Conduct; now?: () => number; model?: string } = {},
): Promise<World> {
  const speak =
    (does: Conduct) =>
    (response: ServerResponse, request: ReceivedRequest, number: number): void => {
      const body = JSON.parse(request.body) as { model: string; stream?: boolean }
      // Servers that have responses have chat completions too, and what is translated goes there.
      const spoken = request.url.endsWith('/chat/completions') ? openAiChat : dialect
      does({ dialect: spoken, model: body.model, streamed: body.stream === true, response, request, number })
    }
  const parts = new AsyncDisposableStack()
  const primary = parts.use(await fakeUpstream(speak(primaryDoes)))
  const fallback = parts.use(await fakeUpstream(speak(options.fallbackDoes ?? healthy)))
  const gateway = parts.use(
    await gatewayForTest({
      manifests: routeOver(
        { provider: providerOf(dialect, 'primary', primary.url), model: options.model ?? 'model-one' },
        { provider: providerOf(dialect, 'fallback', fallback.url), model: 'model-two' },
      ),
      secrets: { KEY: 'key' },
      deadlines: { firstTokenMs: 250, firstByteMs: 1000, idleMs: 250, totalMs: 10_000 },
      ...(options.now && { clock: { now: options.now } }),
    }),
  )
  return {
    primary,
    fallback,
    gateway,
    async ask(streamed) {
      const message = { role: 'user', content: 'Sixty words, please' }
      const response = await fetch(gateway.url + path, {
        method: 'POST',
        headers: { authorization: 'Bearer caller', 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'chat',
          stream: streamed,
          ...(client === openAiResponses ? { input: [message], store: false } : { messages: [message] }),
          ...(client === anthropicMessages && { max_tokens: 1000 }),
          ...(client === openAiChat && streamed && { stream_options: { include_usage: true } }),
        }),
        signal: AbortSignal.timeout(9000),
      })
      const { status, headers } = response
      const text = await response.text()
      if (status !== 200) return { status, headers, answer: undefined, error: text }
      try {
        const answer = streamed
          ? await readStreamed(client, text)
          : collected(client.readAnswer('gateway', JSON.parse(text)))
        return { status, headers, answer, error: answer.finishReason === undefined ? 'cut off' : undefined }
      } catch (error) {
        return { status, headers, answer: undefined, error: String(error) }
      }
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

async function readStreamed(dialect: Dialect, text: string): Promise<CollectedAnswer> {
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from(text)
  }
  const events: ModelEvent[] = []
  for await (const event of dialect.readStream('gateway', body())) events.push(event)
  return collected(events)
}

function expectWhole({ answer, error }: Told): void {
  expect(error).toBeUndefined()
  expect(textOf(answer?.content ?? [])).toBe(wholeText)
  expect(answer?.usage.outputTokens).toBe(60)
}

const once =
  (fault: Conduct): Conduct =>
  speaker =>
    (speaker.number === 0 ? fault : healthy)(speaker)

describe.each(variants)('$client.name to $upstream.name', world => {
  describe.each([{ streamed: false }, { streamed: true }])('streamed: $streamed', ({ streamed }) => {
    test('S01 a pause that the provider asks for is kept [C3.retry-after]', async () => {
      await using at = await worldOf(world, once(refuse(429, {}, { 'retry-after': '2' })))
      expectWhole(await at.ask(streamed))
      expect(at.primary.requests).toHaveLength(2)
      expect(at.gateway.waits[0]).toBeGreaterThanOrEqual(2000)
    })

    test('S02 a provider that goes on refusing is left after a few attempts [C3.retry-after]', async () => {
      await using at = await worldOf(world, refuse(429))
      expectWhole(await at.ask(streamed))
      expect(at.primary.requests.length).toBeLessThanOrEqual(3)
      expect(at.gateway.waits.every(wait => wait >= 100)).toBe(true)
      expect(at.fallback.requests).toHaveLength(1)
    })

    test('S03 one fault of the server is tried again there [C3.bounded-attempts]', async () => {
      await using at = await worldOf(world, once(refuse(500)))
      expectWhole(await at.ask(streamed))
      expect([at.primary.requests.length, at.fallback.requests.length]).toEqual([2, 0])
    })

    test('S04 a server that stays down is replaced [C3.failover-before-content]', async () => {
      await using at = await worldOf(world, refuse(503))
      expectWhole(await at.ask(streamed))
      expect(at.primary.requests.length).toBeLessThanOrEqual(6)
    })

    test('S05 a connection that is reset before the answer is tried again [C3.failover-before-content]', async () => {
      await using at = await worldOf(
        world,
        once(({ response }) => void response.socket?.resetAndDestroy()),
      )
      expectWhole(await at.ask(streamed))
    })

    test('S06 a silent provider is asked once and replaced [C3.deadlines]', async () => {
      await using at = await worldOf(world, never)
      expectWhole(await at.ask(streamed))
      expect(at.primary.requests).toHaveLength(1)
    })

    test('S12 a conversation that is too long is tried once and goes to another model [C3.failure-classes]', async () => {
      const fault = refuse(400, { code: 'context_length_exceeded', type: 'invalid_request_error' })
      await using at = await worldOf(world, fault)
      expectWhole(await at.ask(streamed))
      expect(at.primary.requests).toHaveLength(1)
    })

    test('S13 a refusal by policy is told with its reason and not routed around [C3.failure-classes]', async () => {
      const fault = refuse(400, {
        code: 'content_policy_violation',
        type: 'invalid_request_error',
        message: 'This is against the rules of the house.',
      })
      await using at = await worldOf(world, fault)
      const { status, error } = await at.ask(streamed)
      expect(status).toBe(400)
      expect(error).toContain('against the rules of the house')
      expect([at.primary.requests.length, at.fallback.requests.length]).toEqual([1, 0])
    })

    test('S16 the answer names the model that gave it, and only that one is billed [C3.failover-before-content, A6.fallback-reported]', async () => {
      await using at = await worldOf(world, refuse(503))
      const told = await at.ask(streamed)
      expectWhole(told)
      expect(told.answer?.model).toBe('model-two')
      expect(told.headers.get('causeway-provider')).toBe('fallback')
      expect(told.headers.get('causeway-attempts')).toBe(String(at.primary.requests.length + 1))
      const record = await at.gateway.recorded()
      expect(record).toMatchObject({ provider: 'fallback', model: 'model-two', usage: { outputTokens: 60 } })
      expect(at.gateway.reservations.map(({ fate }) => typeof fate)).toEqual(['string', 'object'])
    })
  })

  test('S07 a stream without a first word in time is replaced [C3.deadlines]', async () => {
    await using at = await worldOf(world, speaker => {
      openStream(speaker.response)
      speaker.response.write(`: waiting\n\n${piecesOf(speaker).begin}`)
    })
    expectWhole(await at.ask(true))
    expect(at.primary.requests).toHaveLength(1)
  })

  test('S08 a stream that is cut is gone on with to its end [C3.continued-streams]', async () => {
    await using at = await worldOf(world, afterWords(40, cut))
    expectWhole(await at.ask(true))
    const record = await at.gateway.recorded()
    expect(record).toMatchObject({ outcome: 'completed', usageEstimated: true })
    // What the first one said is paid for too.
    expect(record.usage.outputTokens).toBeGreaterThan(90)
    expect(at.gateway.reservations.every(({ fate }) => typeof fate === 'object')).toBe(true)
  })

  test('S08 a stream that is cut is an error where nothing begins the same way [C1.streaming-no-truncated-success]', async () => {
    const other: Conduct = speaker => {
      const { begin, words: pieces, end } = piecesOf(speaker)
      openStream(speaker.response)
      speaker.response.end(begin + pieces.toReversed().join('') + end)
    }
    await using at = await worldOf(world, speaker => (speaker.number === 0 ? afterWords(40, cut) : other)(speaker), {
      fallbackDoes: other,
    })
    const { error } = await at.ask(true)
    expect(error).toBeDefined()
    expect(await at.gateway.recorded()).toMatchObject({ outcome: 'failed' })
  })

  test('S09 a stream that stalls is gone on with in bounded time [C3.deadlines]', async () => {
    await using at = await worldOf(
      world,
      afterWords(20, () => {}),
    )
    expectWhole(await at.ask(true))
    expectWhole(await at.ask(true))
  })

  test('S10 an event that cannot be read does not spoil the answer [C3.continued-streams]', async () => {
    await using at = await worldOf(world, speaker => {
      const { begin, words: pieces, end } = piecesOf(speaker)
      openStream(speaker.response)
      const broken = (pieces[9] ?? '').replace(/data: .*/, 'data: {"choices": [{"delta": {"content": ')
      speaker.response.end(begin + pieces.with(9, broken).join('') + end)
    })
    expectWhole(await at.ask(true))
  })

  test('S11 a whole stream without its last mark ends in time [C3.deadlines]', async () => {
    await using at = await worldOf(world, speaker => {
      const { begin, words: pieces, end } = piecesOf(speaker)
      openStream(speaker.response)
      speaker.response.write(begin + pieces.join('') + end.replace('data: [DONE]\n\n', ''))
      if (speaker.dialect !== openAiChat) speaker.response.end()
    })
    expectWhole(await at.ask(true))
  })

  test('S14 a fallback that takes no begun answer is asked anew [C3.continued-streams]', async () => {
    const fallbackDoes: Conduct = speaker => {
      const body = JSON.parse(speaker.request.body) as { messages?: { role: string }[]; input?: { role: string }[] }
      const last = (body.messages ?? body.input ?? []).at(-1)
      if (last?.role === 'assistant')
        refuse(400, { message: 'prefill is not supported', type: 'invalid_request_error' })(speaker)
      else healthy(speaker)
    }
    await using at = await worldOf(world, afterWords(40, cut), { fallbackDoes })
    expectWhole(await at.ask(true))
  })

  test('S15 a target that fails is left alone and taken back soon after it has recovered [C3.cooldown]', async () => {
    let now = Date.UTC(2026, 10, 26)
    const begin = now
    const conduct: Conduct = speaker => (now - begin < 60_000 ? refuse(503) : healthy)(speaker)
    await using at = await worldOf(world, conduct, { now: () => now })
    const servedBy: string[] = []
    for (let request = 0; request < 20; request++) {
      now = begin + request * 4000
      const told = await at.ask(false)
      expectWhole(told)
      servedBy.push(told.headers.get('causeway-provider') ?? '')
    }
    expect(servedBy.slice(0, 15).every(name => name === 'fallback')).toBe(true)
    expect(servedBy.at(-1)).toBe('primary')
    // Without a pause it would be asked twice for each of fifteen requests.
    expect(at.primary.requests.length).toBeLessThan(20)
  })
})
