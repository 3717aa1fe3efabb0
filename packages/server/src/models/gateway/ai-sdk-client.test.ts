import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, generateText, isStepCount, Output, streamText, tool, type LanguageModel } from 'ai'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { gatewayForTest, type GatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'
import { speakingUpstream, type SpeakingUpstream, type SpokenDialect } from '../testing/speaking-upstream.ts'

const gatewayOver = ({ provider }: SpeakingUpstream): Promise<GatewayForTest> =>
  gatewayForTest({ manifests: routeOver({ provider, model: 'gpt-4.1' }), secrets: { UPSTREAM_KEY: 'upstream-key' } })

/** The packages of the AI SDK, each with the endpoint that it calls. */
const packages: Record<string, (gateway: GatewayForTest, apiKey?: string) => LanguageModel> = {
  'openai-compatible': ({ url }, apiKey = 'caller') =>
    createOpenAICompatible({
      name: 'causeway',
      baseURL: `${url}/v1`,
      apiKey,
      supportsStructuredOutputs: true,
      includeUsage: true,
    })('chat'),
  // Without a store, because this gateway keeps no responses that could be referred to.
  openai: ({ url }, apiKey = 'caller') => createOpenAI({ baseURL: `${url}/v1`, apiKey })('chat'),
  anthropic: ({ url }, apiKey = 'caller') => createAnthropic({ baseURL: `${url}/v1`, apiKey })('chat'),
}
const upstreams: SpokenDialect[] = ['chat', 'messages', 'responses']
const pairs = Object.entries(packages).flatMap(([name, model]) =>
  upstreams.map(upstream => ({ name, model, upstream })),
)

const callWeather = { text: 'I look.', calls: [{ id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' }] }
const weather = tool({
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => ({ city, degrees: -4 }),
})

describe.each(pairs)('@ai-sdk/$name over a provider of $upstream', ({ model, upstream: dialect }) => {
  test('chats, whole and streamed, with its usage [C1.ai-sdk]', async () => {
    await using upstream = await speakingUpstream(dialect, { text: 'Good day to you, too.' })
    await using gateway = await gatewayOver(upstream)
    const asked = { model: model(gateway), instructions: 'Be kind.', prompt: 'Good day' }
    const whole = await generateText(asked)
    expect(whole.text).toBe('Good day to you, too.')
    expect(whole.finishReason).toBe('stop')
    expect(whole.usage).toMatchObject({ inputTokens: 20, outputTokens: 7 })
    const streamed = streamText(asked)
    const pieces: string[] = []
    for await (const piece of streamed.textStream) pieces.push(piece)
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.join('')).toBe('Good day to you, too.')
    expect(await streamed.finishReason).toBe('stop')
    expect(await streamed.usage).toMatchObject({ inputTokens: 20, outputTokens: 7 })
    expect(upstream.requests[0]?.body).toContain('Be kind.')
  })

  test('goes the whole round of a tool, whole and streamed [C1.ai-sdk]', async () => {
    const answer = { text: 'It is -4 degrees.' }
    await using upstream = await speakingUpstream(dialect, callWeather, answer, callWeather, answer)
    await using gateway = await gatewayOver(upstream)
    const asked = {
      model: model(gateway),
      prompt: 'How cold is Oslo?',
      tools: { weather },
      stopWhen: isStepCount(3),
      providerOptions: { openai: { store: false } },
    }
    const whole = await generateText(asked)
    expect(whole.text).toBe('It is -4 degrees.')
    expect(whole.steps[0]?.text).toBe('I look.')
    expect(whole.steps[0]?.finishReason).toBe('tool-calls')
    expect(whole.steps[0]?.toolResults).toMatchObject([{ input: { city: 'Oslo' }, output: { degrees: -4 } }])
    const streamed = streamText(asked)
    expect(await streamed.text).toBe('It is -4 degrees.')
    expect((await streamed.steps)[0]?.toolResults).toMatchObject([{ toolCallId: 'call_1', output: { degrees: -4 } }])
    for (const number of [1, 3]) {
      expect(upstream.requests[number]?.body).toContain('call_1')
      expect(upstream.requests[number]?.body).toContain('degrees')
    }
  })

  test('reads structured output [C1.ai-sdk] [C1.structured-output]', async () => {
    await using upstream = await speakingUpstream(dialect, { text: '{"degrees":-4}' })
    await using gateway = await gatewayOver(upstream)
    const { output } = await generateText({
      model: model(gateway),
      prompt: 'How cold is Oslo?',
      output: Output.object({ schema: z.object({ degrees: z.number() }) }),
    })
    expect(output).toEqual({ degrees: -4 })
    expect(upstream.requests[0]?.body).toContain('"degrees"')
  })

  test('knows an error by its status and whether to try again [C1.ai-sdk] [C1.errors]', async () => {
    await using upstream = await speakingUpstream(dialect, { status: 400 })
    await using gateway = await gatewayOver(upstream)
    const ask = (apiKey?: string): Promise<unknown> =>
      generateText({ model: model(gateway, apiKey), prompt: 'Hi', maxRetries: 0 }).catch((error: unknown) => error)
    const refused = await ask()
    expect(APICallError.isInstance(refused)).toBe(true)
    expect(refused).toMatchObject({
      statusCode: 400,
      isRetryable: false,
      message: expect.stringContaining('The provider refuses.'),
    })
    expect(await ask('nobody')).toMatchObject({ statusCode: 401, isRetryable: false })
    expect(gateway.reservations.filter(({ fate }) => fate === 'held')).toEqual([])
  })

  test('tries again when it is told to come back later [C1.ai-sdk] [C3.retry-after]', async () => {
    await using upstream = await speakingUpstream(
      dialect,
      // The gateway itself tries three times, the waits of which take no time here.
      ...Array.from({ length: 3 }, () => ({ status: 429, headers: { 'retry-after': '1' } })),
      { text: 'Now.' },
    )
    await using gateway = await gatewayOver(upstream)
    const askedAt = performance.now()
    expect((await generateText({ model: model(gateway), prompt: 'Hi' })).text).toBe('Now.')
    expect(performance.now() - askedAt).toBeGreaterThan(950)
    expect(gateway.records.map(({ outcome, errorCode }) => [outcome, errorCode])).toEqual([
      ['failed', 'provider-rate-limited'],
      ['completed', null],
    ])
  })

  test('that stops ends the call at the provider, and what was said is billed [C1.ai-sdk] [C1.client-disconnect]', async () => {
    await using upstream = await speakingUpstream(dialect, { text: 'One two three four five', unfinished: true })
    await using gateway = await gatewayOver(upstream)
    const stop = new AbortController()
    const streamed = streamText({ model: model(gateway), prompt: 'Count', abortSignal: stop.signal })
    for await (const part of streamed.stream) if (part.type === 'text-delta') stop.abort()
    const record = await gateway.recorded()
    expect(record).toMatchObject({ outcome: 'abandoned', usageEstimated: true })
    expect(record.usage.outputTokens).toBeGreaterThan(0)
    expect(gateway.reservations).toMatchObject([{ fate: { usage: record.usage } }])
    await expect.poll(() => upstream.abandoned).toBe(1)
  })
})
