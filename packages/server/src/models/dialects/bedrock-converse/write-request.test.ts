import { describe, expect, test } from 'vitest'
import { CausewayError } from '@causeway/contracts'
import { toolMessage, userMessage, type ModelRequest } from '../../model-request.ts'
import { bedrockConverse } from './index.ts'

const claude = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const write = (request: Partial<ModelRequest>, model = claude) =>
  bedrockConverse.writeRequest({ route: 'r', messages: [], tools: [], ...request }, { model, stream: true })
const weather = { name: 'weather', description: 'Weather of a place', input: { type: 'object', properties: {} } }

describe('requests for Converse', () => {
  test('results of parallel calls stand in one turn, and what Bedrock would refuse is made fit [C2.bedrock]', () => {
    const { body } = write({
      tools: [{ ...weather, cache: {} }],
      toolChoice: 'required',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.', cache: { ttl: '1h' } }] },
        userMessage('Oslo and Rome?'),
        {
          role: 'assistant',
          content: [
            { type: 'text', text: ' ' },
            { type: 'tool-call', callId: 'call|1', tool: 'weather', arguments: { city: 'Oslo' } },
            { type: 'tool-call', callId: 'b', tool: 'weather', arguments: 'no object' },
          ],
        },
        toolMessage({ callId: 'call|1', tool: 'weather', text: '-4', failed: false }),
        {
          role: 'tool',
          callId: 'b',
          tool: 'weather',
          failed: true,
          content: [
            { type: 'media', media: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AA==' } },
          ],
        },
        userMessage('And now?'),
      ],
    })
    const id: unknown = expect.stringMatching(/^call_[0-9a-f]{32}$/)
    expect(body).toEqual({
      system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '1h' } }],
      messages: [
        { role: 'user', content: [{ text: 'Oslo and Rome?' }] },
        {
          role: 'assistant',
          content: [
            { toolUse: { toolUseId: id, name: 'weather', input: { city: 'Oslo' } } },
            { toolUse: { toolUseId: 'b', name: 'weather', input: { text: 'no object' } } },
          ],
        },
        {
          role: 'user',
          content: [
            { toolResult: { toolUseId: id, content: [{ text: '-4' }] } },
            {
              toolResult: {
                toolUseId: 'b',
                content: [{ image: { format: 'png', source: { bytes: 'AA==' } } }],
                status: 'error',
              },
            },
            { text: 'And now?' },
          ],
        },
      ],
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: 'weather',
              description: 'Weather of a place',
              inputSchema: { json: { type: 'object', properties: {} } },
            },
          },
          { cachePoint: { type: 'default' } },
        ],
        toolChoice: { any: {} },
      },
    })
  })

  test('a conversation with calls keeps its tools though none may be called [C2.bedrock]', () => {
    const { body } = write({
      messages: [
        userMessage('Oslo?'),
        { role: 'assistant', content: [{ type: 'tool-call', callId: 'a', tool: 'weather', arguments: {} }] },
        toolMessage({ callId: 'a', tool: 'weather', text: '', failed: false }),
      ],
    })
    expect(body['toolConfig']).toMatchObject({ tools: [{ toolSpec: { name: 'weather' } }] })
  })

  test('thoughts go back to Bedrock with their signatures, those of others stay out [C2.bedrock]', () => {
    const { body } = write({
      messages: [
        userMessage('Why?'),
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm.', state: { dialect: 'bedrock-converse', value: 'sig' } },
            { type: 'reasoning', text: '', state: { dialect: 'bedrock-converse', value: 'redacted:AAAA' } },
            { type: 'reasoning', text: 'Other', state: { dialect: 'anthropic-messages', value: 'x' } },
            { type: 'text', text: 'Because.' },
          ],
        },
      ],
    })
    expect(body['messages']).toMatchObject([
      {},
      {
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'sig' } } },
          { reasoningContent: { redactedContent: 'AAAA' } },
          { text: 'Because.' },
        ],
      },
    ])
  })

  test('each maker has its own words for thinking [C2.bedrock]', () => {
    const asked = (model: string, request: Partial<ModelRequest> = {}) => {
      const { body, dropped } = write({ reasoning: { effort: 'high' }, temperature: 0.5, ...request }, model)
      return { fields: body['additionalModelRequestFields'], dropped }
    }
    expect(asked(claude)).toEqual({
      fields: { thinking: { type: 'enabled', budget_tokens: 16_384 } },
      dropped: ['temperature'],
    })
    expect(asked('us.anthropic.claude-sonnet-4-6').fields).toEqual({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    })
    expect(asked(claude, { maxOutputTokens: 800 })).toEqual({ fields: undefined, dropped: ['reasoning'] })
    expect(asked(claude, { toolChoice: 'required', tools: [weather] }).dropped).toEqual(['reasoning'])
    expect(asked('openai.gpt-oss-120b-1:0').fields).toEqual({ reasoning_effort: 'high' })
    expect(asked('qwen.qwen3-32b-v1:0').fields).toEqual({ reasoning_config: 'high' })
    expect(asked('us.amazon.nova-2-lite-v1:0').fields).toEqual({
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' },
    })
    expect(asked('meta.llama3-2-1b-instruct-v1:0')).toEqual({ fields: undefined, dropped: ['reasoning'] })
  })

  test('settings find their places, and the rest is named [C1.unknown-fields]', () => {
    const { body, dropped } = write(
      {
        messages: [userMessage('Hi')],
        maxOutputTokens: 10,
        temperature: 1.5,
        topK: 3,
        stop: ['END'],
        seed: 1,
        user: 'u',
        serviceTier: 'flex',
        output: { type: 'json-schema', name: 'city', schema: { type: 'object' } },
      },
      'amazon.nova-lite-v1:0',
    )
    expect(body).toMatchObject({
      inferenceConfig: { maxTokens: 10, temperature: 1, stopSequences: ['END'] },
      additionalModelRequestFields: { inferenceConfig: { topK: 3 } },
      serviceTier: { type: 'flex' },
      outputConfig: {
        textFormat: { type: 'json_schema', structure: { jsonSchema: { name: 'city', schema: '{"type":"object"}' } } },
      },
    })
    expect(dropped).toEqual(['seed', 'user'])
  })

  test('what cannot be expressed is refused before anything is sent [C1.translate-dialects]', () => {
    const picture = {
      type: 'media',
      media: 'image',
      source: { type: 'url', url: 'https://example.org/a.png' },
    } as const
    expect(() => write({ messages: [{ role: 'user', content: [picture] }] })).toThrow(CausewayError)
  })

  test('documents have names that Bedrock takes, none twice [C2.bedrock]', () => {
    const file = (name: string) =>
      ({
        type: 'media',
        media: 'document',
        mediaType: 'application/pdf',
        name,
        source: { type: 'base64', data: 'AA==' },
      }) as const
    const { body } = write({ messages: [{ role: 'user', content: [file('a_b.pdf'), file('a b pdf'), file('…')] }] })
    const [turn] = body['messages'] as { content: { document: { name: string } }[] }[]
    expect(turn?.content.map(({ document }) => document.name)).toEqual(['a b pdf', 'a b pdf 2', 'Document'])
  })
})
