import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('model and tool calls are counted with their tokens and cost; names without end become one series [G1.prometheus-metrics]', async () => {
  const metrics = createMetrics()
  const usage = { inputTokens: 10, outputTokens: 5 }
  metrics.observeModelCall({
    provider: 'openai',
    model: 'gpt-5',
    outcome: 'ok',
    seconds: 0.2,
    usage,
    cost: { nanoUsd: 2_000_000 },
  })
  metrics.observeModelCall({ provider: null, model: null, outcome: 'provider-timeout', seconds: 30 })
  metrics.observeToolCall({ tool: 'lookup-order', outcome: 'completed', seconds: 0.01 })
  for (let number = 0; number < 1000; number++)
    metrics.observeModelCall({ provider: 'openai', model: `invented-${number}`, outcome: 'ok', seconds: 1 })
  const text = await metrics.registry.metrics()
  expect(text).toContain('causeway_model_calls_total{provider="openai",model="gpt-5",outcome="ok"} 1')
  expect(text).toContain('causeway_model_calls_total{provider="none",model="none",outcome="provider-timeout"} 1')
  expect(text).toContain('causeway_tool_calls_total{tool="lookup-order",outcome="completed"} 1')
  expect(text).toContain('causeway_tokens_total{direction="input"} 10')
  expect(text).toContain('causeway_cost_usd_total 0.002')
  expect(text).toContain('causeway_runs_active 0')
  expect(text.match(/^causeway_model_calls_total\{/gm)).toHaveLength(201)
  expect(text).toContain('process_cpu_seconds_total')
})

test('a figure that cannot be read keeps its last value, and the others are told [G1.prometheus-metrics]', async () => {
  const metrics = createMetrics()
  const values = [3, new Error('the database is away'), 5]
  metrics.gauge('causeway_things', 'Things', async () => {
    const next = values.shift()
    if (typeof next !== 'number') throw next
    return next
  })
  const told = async () => /^causeway_things (\d+)$/m.exec(await metrics.registry.metrics())?.[1]
  expect([await told(), await told(), await told()]).toEqual(['3', '3', '5'])
})
