import { userMessage } from '../model-request.ts'
import { expect, test } from 'vitest'
import { fakeUpstream } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'
import { modelsForTest, routeOver, scope } from '../testing/models-for-test.ts'
import { recordings, type Recording } from '../testing/recordings.ts'

const providers = [
  'openai',
  'openai-compatible',
  'alibaba',
  'azure-openai',
  'cerebras',
  'deepseek',
  'gemini-openai-compat',
  'groq',
  'huggingface',
  'mistral',
  'moonshotai',
  'ollama',
  'openrouter',
  'perplexity',
  'together',
  'xai',
  'zai',
]
const found = providers.flatMap(provider =>
  recordings(provider, 'chat-completions')
    .filter(
      ({ response }) =>
        response.status === 200 && (response.sse_text !== undefined || typeof response.body === 'object'),
    )
    .map(recording => ({ ...recording, name: `${provider}/${recording.name}` })),
)
const bodyOf = ({ response }: Recording): string => response.sse_text ?? JSON.stringify(response.body)
const isStream = ({ response }: Recording): boolean => response.sse_text !== undefined
/** A stream that its recorder cut off, or that was recorded because it is broken. */
const isWhole = (recording: Recording): boolean => /\[DONE\]|"finish_reason"\s*:\s*"/.test(bodyOf(recording))
const reportsError = (recording: Recording): boolean => /^data: ?\{"error"|"error":\{/m.test(bodyOf(recording))

type Part = { type: string; text?: string }
interface RecordedChunk {
  choices?: {
    index: number
    delta?: { content?: string | Part[] | null; tool_calls?: { id?: string }[] | null }
  }[]
  usage?: { completion_tokens: number } | null
  x_groq?: { usage?: { completion_tokens: number } }
}

const chunksOf = (recording: Recording): RecordedChunk[] =>
  isStream(recording)
    ? bodyOf(recording)
        .split(/\r?\n/)
        .filter(line => line.startsWith('data: {'))
        .map((line): RecordedChunk => JSON.parse(line.slice(6)))
    : [JSON.parse(bodyOf(recording))]
const countedIn = (recording: Recording): number | undefined =>
  chunksOf(recording)
    .map(({ usage, x_groq: groq }) => (usage ?? groq?.usage)?.completion_tokens)
    .findLast(count => count !== undefined)
const textIn = (content: string | Part[] | null | undefined): string =>
  Array.isArray(content) ? content.map(part => (part.type === 'text' ? part.text : '')).join('') : (content ?? '')

const upstreamOf = (recording: Recording) =>
  fakeUpstream(response => {
    const type = isStream(recording) ? 'text/event-stream' : 'application/json'
    response.writeHead(200, { 'content-type': type, ...recording.response.headers })
    response.end(bodyOf(recording))
  })
const manifestsAt = (url: string) =>
  routeOver({
    provider: { kind: 'Provider', name: 'main', spec: { type: 'openai-compatible', baseUrl: url } },
    model: 'm',
  })

test.skipIf(found.length === 0)(
  'recorded answers pass byte for byte and their usage is read; skipped where no recordings lie beside the repository [C2.openai-compatible]',
  async () => {
    for (const recording of found.filter(each => isWhole(each) && !reportsError(each))) {
      await using upstream = await upstreamOf(recording)
      await using gateway = await gatewayForTest({ manifests: manifestsAt(upstream.url) })
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer caller', 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'chat',
          stream: isStream(recording),
          stream_options: { include_usage: true },
          messages: [],
        }),
      })
      const text = await response.text()
      const { outcome, usageEstimated, usage } = await gateway.recorded()
      const counted = countedIn(recording)
      expect({
        name: recording.name,
        text,
        outcome,
        usageEstimated,
        tokens: usageEstimated || usage.outputTokens,
      }).toEqual({
        name: recording.name,
        text: bodyOf(recording),
        outcome: 'completed',
        usageEstimated: counted === undefined,
        tokens: counted ?? true,
      })
    }
  },
)

test.skipIf(found.length === 0)(
  'recorded streams are read into the text that they carry; skipped where no recordings lie beside the repository [C2.openai-compatible]',
  async () => {
    for (const recording of found.filter(each => isStream(each) && isWhole(each) && !reportsError(each))) {
      await using upstream = await upstreamOf(recording)
      await using world = modelsForTest({ manifests: manifestsAt(upstream.url) })
      const answer = await world.models.call(
        scope,
        { route: 'chat', messages: [userMessage('Hi')], tools: [] },
        { signal: AbortSignal.timeout(5000) },
      )
      const deltas = chunksOf(recording).map(({ choices }) => choices?.find(({ index }) => index === 0)?.delta)
      const ids = new Set(deltas.flatMap(delta => delta?.tool_calls?.map(({ id }) => id) ?? []).filter(Boolean))
      expect({
        name: recording.name,
        text: answer.text,
        toolCalls: answer.toolCalls.length,
        argumentsAreObjects: answer.toolCalls.every(call => typeof call.arguments === 'object'),
      }).toEqual({
        name: recording.name,
        text: deltas.map(delta => textIn(delta?.content)).join(''),
        toolCalls: ids.size,
        argumentsAreObjects: true,
      })
    }
  },
)
