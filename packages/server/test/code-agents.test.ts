import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AgentSpec } from '@causeway/contracts'
import { governedTools, type Client } from '@causeway/sdk'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { anyKind, databaseKinds } from '../src/database/testing/index.ts'
import { startCollector } from '../src/telemetry/testing/otlp-collector.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'
import type { TestPlatform } from '../src/testing/start-test-platform.ts'

const run = promisify(execFile)
const folder = join(import.meta.dirname, '../../../examples/code-agents')

/** Calls a model as a loop of the clerk does, in a session where one is named. @returns the code of the error, or the status */
async function ask({ url, adminKey }: TestPlatform, model: string, session: string): Promise<string | number> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', 'causeway-session': session },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  const { error } = (await response.json()) as { error?: { code: string } }
  return error?.code ?? response.status
}

/** What was called, in the order of the log. */
async function logOf(admin: Client, sessionId: string): Promise<string[]> {
  const { data: events } = await admin.sessions.events(sessionId, { limit: 100 })
  return events.flatMap(event =>
    event.type === 'model-called' ? [event.data.route] : event.type === 'tool-called' ? [event.data.tool] : [],
  )
}

describe('a loop that a team has written itself', () => {
  test.each(['ai-sdk', 'openai-agents', 'langgraph'])(
    'of %s has its calls decided on and recorded by Causeway, an approval in the midst of it too [I5.adapters]',
    async example => {
      await using world = await startScriptedWorld({
        kind: anyKind,
        model: {
          respond: ({ messages }) => {
            const results = messages.filter(({ role }) => role === 'tool')
            if (results.length === 0) return calls('lookup')
            return results.length === 1
              ? calls('pay')
              : { text: `Paid: ${JSON.stringify(results.at(-1)).includes('done')}` }
          },
        },
        tools: { lookup: ({ order }) => ({ order, paid: false }), pay: () => ({ done: true }) },
        governance: { pay: { effect: 'irreversible', risk: 3, approval: 'always' } },
      })
      const { admin, url, adminKey } = world.causeway
      const ending = run(process.execPath, [join(folder, `${example}.ts`), 'Pay order 1042.'], {
        env: {
          PATH: process.env['PATH'],
          CAUSEWAY_URL: url,
          CAUSEWAY_API_KEY: adminKey,
          AGENT: 'clerk',
          MODEL: 'clerk',
        },
        timeout: 60_000,
      })
      const pending = async () => (await admin.approvals.list({ status: 'pending' })).data
      await expect.poll(pending, { timeout: 30_000, interval: 100 }).toHaveLength(1)
      const [approval] = await pending()
      expect(approval).toMatchObject({ agent: 'clerk', tool: 'pay', arguments: { order: '1042' } })
      // The user has said which order it is.
      expect(approval?.decision.arguments).toMatchObject([{ pointer: '/order', origin: 'user-stated' }])
      await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
      const { stdout } = await ending
      expect(stdout).toContain('Paid: true')

      const sessionId = /session: (\S+)/.exec(stdout)?.[1] ?? ''
      expect(world.world.calls.map(({ tool }) => tool)).toEqual(['lookup', 'pay'])
      // Calls of models and of tools stand in one log, whatever has made them.
      await expect.poll(async () => (await logOf(admin, sessionId)).length, { timeout: 5_000 }).toBe(5)
      expect(await logOf(admin, sessionId)).toEqual(['clerk', 'lookup', 'clerk', 'pay', 'clerk'])
      const runs = (await admin.runs.list({ sessionId })).data
      expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['succeeded']))
      expect(runs.reduce((sum, { spent }) => sum + spent.steps, 0)).toBe(3)
    },
    90_000,
  )

  test('stands in one trace with all its calls, below the work of the team that runs it [I5.code-agent-models, G1.trace-complete]', async () => {
    await using collector = await startCollector()
    await using world = await startScriptedWorld({
      kind: anyKind,
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
      model: { respond: () => ({ text: 'Hello.' }) },
      tools: { lookup: ({ order }) => ({ order }) },
    })
    const { admin, url, adminKey } = world.causeway
    const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
    const { tools, modelHeaders } = await governedTools(admin, {
      agent: 'clerk',
      input: 'Where are 1 and 2?',
      traceparent: `00-${trace}-${span}-01`,
    })
    await tools[0]?.call({ order: '1' })
    const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: adminKey, defaultHeaders: modelHeaders, maxRetries: 0 })
    await openai.chat.completions.create({ model: 'clerk', messages: [{ role: 'user', content: 'Hi' }] })
    await tools[0]?.call({ order: '2' })

    const spansIn = () => collector.spans().filter(({ traceId }) => traceId === trace)
    await expect.poll(() => spansIn().length, { timeout: 5_000 }).toBe(5)
    const named = (start: string) => spansIn().filter(({ name }) => name.startsWith(start))
    for (const below of [...named('invoke_agent'), ...named('chat')]) expect(below.parentSpanId).toBe(span)
    expect(named('chat')).toHaveLength(1)
    // Each call of a tool is a run, which has a span of its own.
    const runs = new Set(named('invoke_agent').map(({ spanId }) => spanId))
    expect(runs.size).toBe(2)
    expect(new Set(named('execute_tool').map(({ parentSpanId }) => parentSpanId))).toEqual(runs)
    // A loop that says nothing of a trace has a new one, and what is no trace is none.
    const others = await governedTools(admin, { agent: 'clerk', input: 'Where is 3?' })
    expect(others.modelHeaders['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    const ownTrace = await admin.runs.createAndWait(
      { agent: 'clerk', input: 'Hi' },
      { traceparent: `00-${'0'.repeat(32)}-${span}-01` },
    )
    const [created] = await admin.runs.events(ownTrace.id)
    expect(created).toMatchObject({ data: { traceId: expect.stringMatching(/^(?!0{32})[0-9a-f]{32}$/) } })
  })

  test('calls agents over every protocol in the trace that it names [I5.openai-responses, I5.ag-ui, I5.a2a, I5.mcp]', async () => {
    await using world = await startScriptedWorld({
      kind: anyKind,
      model: { respond: () => ({ text: 'Hello.' }) },
      tools: { lookup: ({ order }) => ({ order }) },
    })
    const { admin, url, adminKey } = world.causeway
    const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
    const send = async (path: string, body: object): Promise<void> => {
      const response = await fetch(`${url}/v1/${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${adminKey}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'a2a-version': '1.0',
          'mcp-protocol-version': '2025-11-25',
          traceparent: `00-${trace}-${span}-01`,
        },
        body: JSON.stringify(body),
      })
      expect([path, response.status]).toEqual([path, 200])
      await response.text()
    }
    const rpc = { jsonrpc: '2.0', id: 1 }
    await send('chat/completions', { model: 'agent:clerk', messages: [{ role: 'user', content: 'Hi' }] })
    await send('agents/clerk/ag-ui', {
      threadId: 't',
      runId: 'r',
      state: {},
      messages: [{ id: 'm', role: 'user', content: 'Hi' }],
      tools: [],
      context: [],
      forwardedProps: {},
    })
    await send('agents/clerk/a2a', {
      ...rpc,
      method: 'SendMessage',
      params: { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'Hi' }] } },
    })
    const call = { name: 'lookup', arguments: { order: '1' } }
    await send('agents/clerk/mcp', { ...rpc, method: 'tools/call', params: call })
    const { data: runs } = await admin.runs.list()
    const traces = await Promise.all(runs.map(async ({ id }) => (await admin.runs.events(id))[0]?.data))
    expect(traces).toMatchObject(Array.from({ length: 4 }, () => ({ traceId: trace })))
  })

  test('may use no more models than its agent, nor others, and a call that fails is told too [I5.code-agent-models]', async () => {
    await using world = await startScriptedWorld({
      kind: anyKind,
      model: { respond: () => ({ text: 'Hello.' }) },
      tools: {},
    })
    const { causeway } = world
    const { admin } = causeway
    const stored = await admin.manifests.get('Agent', 'clerk')
    const clerk = stored.spec as AgentSpec
    await admin.manifests.apply({
      manifests: [
        { kind: 'Agent', name: 'clerk', spec: { ...clerk, limits: { ...clerk.limits, steps: 2 } } },
        {
          kind: 'Budget',
          name: 'clerk',
          spec: { window: 'month', agents: ['clerk'], limits: { requests: 1 } },
        },
      ],
    })
    const { id: sessionId } = await admin.sessions.create('clerk')
    expect(await ask(causeway, 'nowhere', sessionId)).toBe('model-not-found')
    expect(await ask(causeway, 'clerk', 'session_none')).toBe('not-found')
    expect(await ask(causeway, 'clerk', sessionId)).toBe(200)
    await expect.poll(() => logOf(admin, sessionId)).toEqual(['nowhere', 'clerk'])
    expect(await ask(causeway, 'clerk', sessionId)).toBe('limit-exceeded')
    expect(await ask(causeway, 'clerk', (await admin.sessions.create('clerk')).id)).toBe('budget-exceeded')
    expect(await ask(causeway, 'clerk', '')).toBe(200)
    const { data: events } = await admin.sessions.events(sessionId)
    expect(events.filter(({ type }) => type === 'model-called').slice(0, 2)).toMatchObject([
      { data: { outcome: 'failed', error: 'model-not-found' } },
      { data: { outcome: 'completed', usage: { outputTokens: expect.any(Number) } } },
    ])
    const recorded = async () =>
      (await admin.modelCalls.list({ sessionId, agent: 'clerk' })).data.map(each => [each.sessionId, each.errorCode])
    await expect
      .poll(recorded, { timeout: 5_000 })
      .toEqual(['limit-exceeded', null, 'model-not-found'].map(code => [sessionId, code]))
  })

  test.each(databaseKinds)(
    'may use no more than its agent with calls at the same time either, and holds nothing when they have ended, on %s [I5.code-agent-models, A2.limit-steps]',
    async kind => {
      await using world = await startScriptedWorld({
        kind,
        model: { respond: () => ({ text: 'Hello.', delayMs: 300 }) },
        tools: {},
        limits: { steps: 5 },
      })
      const { causeway } = world
      const { id: session } = await causeway.admin.sessions.create('clerk')
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask(causeway, 'clerk', session)))
      expect(answers.filter(answer => answer === 200)).toHaveLength(5)
      expect(answers.filter(answer => answer === 'limit-exceeded')).toHaveLength(7)
      expect(world.model.requests).toHaveLength(5)
    },
  )
})
