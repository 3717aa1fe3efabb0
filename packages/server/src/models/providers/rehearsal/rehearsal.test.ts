import { assistantMessage, toolMessage, userMessage } from '../../model-request.ts'
import type { ManifestInput } from '@causeway/contracts'
import { expect, test } from 'vitest'
import type { ModelMessage } from '../../model-request.ts'
import { modelsForTest, routeOver, scope } from '../../testing/models-for-test.ts'

const script: ManifestInput & { kind: 'Provider' } = {
  kind: 'Provider',
  name: 'script',
  spec: {
    type: 'rehearsal',
    conversations: [
      {
        match: 'refund order ([A-Z]-\\d+)',
        turns: [
          { toolCalls: [{ tool: 'lookup-order', arguments: { order: '{{match.1}}' } }] },
          {
            text: 'Refunding it.',
            toolCalls: [
              {
                tool: 'refund-order',
                arguments: {
                  amount: '{{result.lookup-order.total.cents}}',
                  note: 'for {{match.1}}',
                  gone: '{{match.7}}',
                },
              },
            ],
          },
          { text: 'Order {{match.1}}:\n{{result.refund-order.status}}, reason {{result.refund-order.nothing}}.' },
        ],
      },
    ],
    otherwise: [{ text: 'I cannot help with that.' }],
  },
}

const signal = AbortSignal.timeout(5000)
const call = async (messages: ModelMessage[], onText?: (text: string) => void) => {
  await using world = modelsForTest({ manifests: routeOver({ provider: script, model: 'any' }) })
  return world.models.call(scope, { route: 'chat', messages, tools: [] }, { signal, ...(onText && { onText }) })
}

const asked: ModelMessage = userMessage('Please refund ORDER A-17 now')
const lookedUp: ModelMessage[] = [
  asked,
  assistantMessage('', [{ callId: 'c1', tool: 'lookup-order', arguments: {} }]),
  toolMessage({ callId: 'c1', tool: 'lookup-order', text: '{"total":{"cents":1250}}', failed: false }),
]
const refunded: ModelMessage[] = [
  ...lookedUp,
  assistantMessage('', [{ callId: 'c2', tool: 'refund-order', arguments: {} }]),
  toolMessage({ callId: 'c2', tool: 'refund-order', text: '{"status":"done"}', failed: false }),
]

test('a rehearsal plays its turns one after the other and fills in what was said and answered [C2.rehearsal]', async () => {
  const first = await call([asked])
  expect(first).toMatchObject({ rehearsal: true, provider: 'script', finishReason: 'tool-calls', text: '' })
  expect(first.toolCalls).toMatchObject([{ tool: 'lookup-order', arguments: { order: 'A-17' } }])

  const second = await call(lookedUp)
  expect(second.text).toBe('Refunding it.')
  expect(second.toolCalls[0]?.arguments).toEqual({ amount: 1250, note: 'for A-17', gone: '(unknown)' })

  const last = await call(refunded)
  expect(last).toMatchObject({ text: 'Order A-17:\ndone, reason (unknown).', finishReason: 'stop', toolCalls: [] })
  const beyond = await call([...refunded, assistantMessage(last.text, [])])
  expect(beyond.text).toBe(last.text)
})

test('a rehearsal is the same every time, costs nothing and counts its tokens [C2.rehearsal]', async () => {
  const [once, again] = [await call(lookedUp), await call(lookedUp)]
  expect({ ...once, durationMs: 0 }).toEqual({ ...again, durationMs: 0 })
  expect(once.cost).toEqual({ nanoUsd: 0, status: 'exact' })
  expect(once.usage.inputTokens).toBeGreaterThan(10)
  expect((await call([asked])).toolCalls[0]?.callId).not.toBe(once.toolCalls[0]?.callId)
})

test('only the last user message is matched, and what fits nothing gets the other answer word by word', async () => {
  const words: string[] = []
  const response = await call([asked, userMessage('Tell me a joke')], text => words.push(text))
  expect(response.text).toBe('I cannot help with that.')
  expect(words.join('')).toBe(response.text)
  expect(words).toHaveLength(5)
})
