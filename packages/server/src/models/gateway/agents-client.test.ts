import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents'
import OpenAI, { AuthenticationError, BadRequestError } from 'openai'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { gatewayForTest, type GatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'
import { speakingUpstream, type SpeakingUpstream, type SpokenDialect } from '../testing/speaking-upstream.ts'

const gatewayOver = ({ provider }: SpeakingUpstream): Promise<GatewayForTest> =>
  gatewayForTest({ manifests: routeOver({ provider, model: 'gpt-4.1' }), secrets: { UPSTREAM_KEY: 'upstream-key' } })

interface RunnerOptions {
  useResponses: boolean
  apiKey?: string
  maxRetries?: number
}

const runnerOf = ({ url }: GatewayForTest, { useResponses, apiKey = 'caller', maxRetries = 0 }: RunnerOptions) =>
  new Runner({
    modelProvider: new OpenAIProvider({
      openAIClient: new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries }),
      useResponses,
    }),
    tracingDisabled: true,
  })

const weather = tool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `-4 degrees in ${city}`,
})
const clerk = new Agent({ name: 'Clerk', instructions: 'Be brief.', model: 'chat', tools: [weather] })
const callWeather = { text: 'I look.', calls: [{ id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' }] }
const answer = { text: 'It is -4 degrees.' }

const upstreams: SpokenDialect[] = ['chat', 'messages', 'responses']
const ways = [true, false].flatMap(useResponses =>
  upstreams.map(upstream => ({ api: useResponses ? 'responses' : 'chat completions', useResponses, upstream })),
)

describe.each(ways)('the Agents SDK with $api over a provider of $upstream', ({ useResponses, upstream: dialect }) => {
  test('goes the whole round of a tool, whole and streamed [C1.agents-sdk]', async () => {
    await using upstream = await speakingUpstream(dialect, callWeather, answer, callWeather, answer)
    await using gateway = await gatewayOver(upstream)
    const runner = runnerOf(gateway, { useResponses })
    const whole = await runner.run(clerk, 'How cold is Oslo?')
    expect(whole.finalOutput).toBe('It is -4 degrees.')
    expect(whole.state.usage).toMatchObject({ requests: 2, inputTokens: 40, outputTokens: 14 })
    const streamed = await runner.run(clerk, 'How cold is Oslo?', { stream: true })
    let text = ''
    for await (const piece of streamed.toTextStream()) text += piece
    await streamed.completed
    expect(text).toBe('I look.It is -4 degrees.')
    expect(streamed.finalOutput).toBe('It is -4 degrees.')
    expect(streamed.newItems.map(({ type }) => type)).toContain('tool_call_output_item')
    for (const number of [1, 3]) expect(upstream.requests[number]?.body).toContain('-4 degrees in Oslo')
  })

  test('reads structured output [C1.agents-sdk] [C1.structured-output]', async () => {
    await using upstream = await speakingUpstream(dialect, { text: '{"degrees":-4}' })
    await using gateway = await gatewayOver(upstream)
    const outputType = z.object({ degrees: z.number() })
    const meter = new Agent({ name: 'Meter', instructions: 'Measure.', model: 'chat', outputType })
    const result = await runnerOf(gateway, { useResponses }).run(meter, 'How cold is Oslo?')
    expect(result.finalOutput).toEqual({ degrees: -4 })
    expect(upstream.requests[0]?.body).toContain('"degrees"')
  })

  test('fails with the errors of the official client [C1.agents-sdk] [C1.errors]', async () => {
    await using upstream = await speakingUpstream(dialect, { status: 400 })
    await using gateway = await gatewayOver(upstream)
    await expect(runnerOf(gateway, { useResponses }).run(clerk, 'Hi')).rejects.toBeInstanceOf(BadRequestError)
    const stranger = runnerOf(gateway, { useResponses, apiKey: 'nobody' })
    await expect(stranger.run(clerk, 'Hi')).rejects.toBeInstanceOf(AuthenticationError)
  })

  test('tries again when it is told to come back later [C1.agents-sdk] [C3.retry-after]', async () => {
    // The gateway itself tries three times, the waits of which take no time here.
    const later = Array.from({ length: 3 }, () => ({ status: 429, headers: { 'retry-after': '1' } }))
    await using upstream = await speakingUpstream(dialect, ...later, answer)
    await using gateway = await gatewayOver(upstream)
    const askedAt = performance.now()
    const result = await runnerOf(gateway, { useResponses, maxRetries: 1 }).run(clerk, 'Hi')
    expect(result.finalOutput).toBe('It is -4 degrees.')
    expect(performance.now() - askedAt).toBeGreaterThan(950)
  })

  test('that stops ends the call at the provider, and what was said is billed [C1.agents-sdk] [C1.client-disconnect]', async () => {
    await using upstream = await speakingUpstream(dialect, { text: 'One two three four five', unfinished: true })
    await using gateway = await gatewayOver(upstream)
    const stop = new AbortController()
    const streamed = await runnerOf(gateway, { useResponses }).run(clerk, 'Count', {
      stream: true,
      signal: stop.signal,
    })
    const read = (async () => {
      for await (const piece of streamed.toTextStream()) if (piece) stop.abort()
    })()
    await Promise.allSettled([read, streamed.completed])
    const record = await gateway.recorded()
    expect(record).toMatchObject({ outcome: 'abandoned', usageEstimated: true })
    expect(record.usage.outputTokens).toBeGreaterThan(0)
    await expect.poll(() => upstream.abandoned).toBe(1)
  })
})
