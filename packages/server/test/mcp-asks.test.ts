import { Manifest, type ManifestOf } from '@causeway/contracts'
import { Client, isInputRequiredResult, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'
import { createSignedTokens } from '../src/secrets/index.ts'
import { createAskedStates } from '../src/tools/index.ts'
import { answersIn, askedInputOf } from '../src/tools/mcp/asked-input-of.ts'
import { startConformanceProfile, type ConformanceProfile } from '../src/testing/conformance-profile.ts'

const asking = 'test_input_required_result_elicitation'

async function connect({ url }: ConformanceProfile, autoFulfill = true): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode: 'auto' },
      inputRequired: { autoFulfill },
    },
  )
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return client
}

const master = { id: 'k', bytes: Buffer.alloc(32, 1) }
const tokens = createSignedTokens({ newest: () => master, find: () => master }, 'test')
const states = createAskedStates({ tokens })
const call = {
  scope: { organisationId: 'org', environmentId: 'dev' },
  tool: asking,
  onBehalfOf: { agent: 'clerk', user: 'user:ann' },
}

const text = (result: unknown): string => (result as { content: { text: string }[] }).content[0]?.text ?? ''

/** Changes how a tool of the profile is governed. */
async function govern(
  { causeway }: ConformanceProfile,
  name: string,
  change: (spec: ManifestOf<'Tool'>['spec']) => Partial<ManifestOf<'Tool'>['spec']>,
): Promise<void> {
  const { kind, spec } = await causeway.admin.manifests.get('Tool', name)
  const tool = Manifest.parse({ kind, name, spec })
  if (tool.kind !== 'Tool') throw new Error(`${name} is no tool`)
  await causeway.apply({ ...tool, spec: { ...tool.spec, ...change(tool.spec) } })
}

describe('a tool of an MCP server that asks its client', () => {
  test('is answered by the official client of whoever has called, and each call is in the log [B8.mcp-server]', async () => {
    await using profile = await startConformanceProfile()
    const client = await connect(profile)
    const questions: string[] = []
    client.setRequestHandler('elicitation/create', ({ params }) => {
      questions.push(params.message)
      return { action: 'accept', content: { name: 'Alice' } }
    })
    expect(text(await client.callTool({ name: asking, arguments: {} }))).toBe('Hello, Alice!')
    expect(questions).toEqual(['What is your name?'])

    const { admin } = profile.causeway
    const runs = (await admin.runs.list()).data.toReversed()
    const logs = await Promise.all(runs.map(({ id }) => admin.runs.events(id)))
    const calls = logs.flat().flatMap(({ type, data }) => (type === 'tool-called' ? [data.arguments] : []))
    const answers = { user_name: { action: 'accept', content: { name: 'Alice' } } }
    expect(calls).toEqual([{}, { 'mcp:inputResponses': answers }])
    const told = logs.flat().flatMap(({ type, data }) => (type === 'tool-responded' ? [data.output] : []))
    expect(told).toEqual([
      `${asking} asks its client for input (elicitation/create) and has done nothing yet.`,
      'Hello, Alice!',
    ])
  })

  test('may ask only for what its manifest says [B8.mcp-server]', async () => {
    await using profile = await startConformanceProfile()
    await govern(profile, asking, ({ implementation }) => ({
      implementation: { ...implementation, asks: ['roots'] } as typeof implementation,
    }))
    const client = await connect(profile, false)
    const refused = await client.callTool({ name: asking, arguments: {} }, { allowInputRequired: true })
    // This server believes what it is told of us; the next does not.
    expect(text(refused)).toContain('do not declare the required capability')
    const rude = { resultType: 'input_required', inputRequests: { a: { method: 'elicitation/create', params: {} } } }
    expect(() => askedInputOf(states, call, ['roots'], rude)).toThrow(
      'elicitation/create, which its manifest does not allow',
    )
    const address = { method: 'elicitation/create', params: { mode: 'url', url: 'https://evil.example' } }
    expect(() => askedInputOf(states, call, ['elicitation'], { ...rude, inputRequests: { address } })).toThrow(
      'does not allow',
    )
  })

  test('is told no answers where it may not ask: they are arguments that it does not have [B8.mcp-server]', async () => {
    await using profile = await startConformanceProfile()
    await govern(profile, 'test_simple_text', ({ input }) => ({ input: { ...input, additionalProperties: false } }))
    const client = await connect(profile, false)
    const answered = { inputResponses: { user_name: { action: 'accept', content: { name: 'the secret' } } } }
    const refused = await client.callTool({ name: 'test_simple_text', arguments: {}, ...answered })
    expect(text(refused)).toContain('mcp:inputResponses')
    expect(answersIn(states, { ...call, arguments: { 'mcp:inputResponses': {} } }, undefined)).toEqual({
      values: { 'mcp:inputResponses': {} },
      answers: {},
    })
  })

  test('asks a client of the revision before while its call is open, and tells it what the log has of it [B8.mcp-server]', async () => {
    await using profile = await startConformanceProfile()
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: { form: {} } } })
    const questions: string[] = []
    client.setRequestHandler('elicitation/create', ({ params }) => {
      questions.push(params.message)
      return { action: 'accept', content: { name: 'Alice' } }
    })
    const told: unknown[] = []
    client.setNotificationHandler('notifications/message', ({ params }) => void told.push(params.data))
    await client.connect(new StreamableHTTPClientTransport(new URL(profile.url)))
    await client.setLoggingLevel('info')
    expect(text(await client.callTool({ name: asking, arguments: {} }))).toBe('Hello, Alice!')
    expect(questions).toEqual(['What is your name?'])
    const events = told.map(each => Object(each).event)
    expect(events.filter(each => each === 'tool-called')).toHaveLength(2)
    expect(JSON.stringify(told)).not.toContain('Alice')
    const runs = (await profile.causeway.admin.runs.list()).data
    expect(new Set(told.map(each => Object(each).runId))).toEqual(new Set(runs.map(({ id }) => id)))
    await client.setLoggingLevel('error')
    told.length = 0
    await client.callTool({ name: 'test_simple_text', arguments: {} })
    expect(told).toEqual([])
    // State goes through none of this client, and several questions follow one another.
    client.setRequestHandler('elicitation/create', ({ params }) => ({
      action: 'accept',
      content: { name: 'Alice', color: 'green', asked: params.message },
    }))
    expect(text(await client.callTool({ name: 'test_input_required_result_multi_round', arguments: {} }))).toBe('Done.')
    await client.close()
  })

  test('fails for a client that cannot be asked, or does not answer [B8.mcp-server]', async () => {
    await using profile = await startConformanceProfile()
    const connected = async (capabilities: object) => {
      const client = new Client({ name: 'test', version: '1' }, { capabilities })
      await client.connect(new StreamableHTTPClientTransport(new URL(profile.url)))
      return client
    }
    const mute = await connected({})
    expect(text(await mute.callTool({ name: asking, arguments: {} }))).toMatch(/tool-failed: .* got none/)
    const rude = await connected({ elicitation: { form: {} } })
    rude.setRequestHandler('elicitation/create', () => Promise.reject(new Error('not now')))
    expect(text(await rude.callTool({ name: asking, arguments: {} }))).toMatch(/tool-failed: .* not now/)
  })

  test('has a session with its client that is that of nobody else, ends when the client ends it, and is not needed [B8.mcp-server, H1.tenancy]', async () => {
    await using profile = await startConformanceProfile()
    const { url, adminKey, clientOf } = profile.causeway
    const { key: other } = await clientOf('developer')
    const send = (body: object, { key = adminKey, session = '', method = 'POST' } = {}) =>
      fetch(`${url}/v1/agents/profile/mcp`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-11-25',
          ...(session && { 'mcp-session-id': session }),
        },
        ...(method === 'POST' && { body: JSON.stringify({ jsonrpc: '2.0', ...body }) }),
      })
    const begin = async (): Promise<string> => {
      const begun = await send({
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'test', version: '1' },
        },
      })
      await begun.text()
      expect(begun.status).toBe(200)
      return begun.headers.get('mcp-session-id') ?? ''
    }
    const session = await begin()
    expect(session).toMatch(/^[\w-]{36}$/)
    const list = { id: 2, method: 'tools/list', params: {} }
    const statuses = async (...asked: { key?: string; session: string }[]): Promise<number[]> => {
      const answers = await Promise.all(asked.map(each => send(list, each)))
      await Promise.all(answers.map(each => each.text()))
      return answers.map(({ status }) => status)
    }
    // Sessions of other replicas and of others are served without one.
    expect(await statuses({ session }, { session, key: other }, { session: crypto.randomUUID() })).toEqual([
      200, 200, 200,
    ])
    expect((await send({}, { session, key: other, method: 'DELETE' })).status).not.toBe(200)
    expect(await statuses({ session })).toEqual([200])
    expect((await send({}, { session, method: 'DELETE' })).status).toBe(200)
    expect(await statuses({ session })).toEqual([404])
    // Of many the oldest goes, and its client is served all the same.
    const first = await begin()
    for (let more = 0; more < 20; more++) await begin()
    expect((await send({}, { session: first, method: 'DELETE' })).status).not.toBe(200)
    expect(await statuses({ session: first })).toEqual([200])
  })

  test('gets its state back from the client and for the tool that it was given to, and from no other [B8.mcp-server]', async () => {
    await using profile = await startConformanceProfile()
    const client = await connect(profile, false)
    const [one, other] = ['test_input_required_result_request_state', 'test_input_required_result_tampered_state']
    const ask = (name: string, more = {}) =>
      client.callTool({ name, arguments: {}, ...more }, { allowInputRequired: true })
    const asked: unknown = await ask(one)
    if (!isInputRequiredResult(asked)) throw new Error('nothing was asked')
    const answered = { inputResponses: { confirm: { action: 'accept', content: { ok: true } } } }
    const { requestState = '' } = asked
    expect(text(await ask(one, { ...answered, requestState }))).toBe('state-ok')
    await expect(ask(other, { ...answered, requestState })).rejects.toThrow('none that was given for this call')
    await expect(ask(one, { ...answered, requestState: 'asked' })).rejects.toThrow('none that was given for this call')
    // Nor can it be slipped in as an argument.
    const slipped = await ask(one, { ...answered, arguments: { 'mcp:requestState': 'asked' } })
    expect(text(slipped)).toBe('state-lost')
  })

  test('gets no state that it has not given, whoever asks for the call: over the API as little as over MCP [E2.argument-evasion]', async () => {
    await using profile = await startConformanceProfile()
    const { admin } = profile.causeway
    const tool = 'test_input_required_result_request_state'
    const ask = async (given: Record<string, unknown>) => {
      const run = await admin.runs.createAndWait({
        agent: 'profile',
        calls: [{ tool, arguments: given }],
      })
      const events = await admin.runs.events(run.id)
      return events.flatMap(({ type, data }) => (type === 'tool-responded' ? [data] : []))[0]
    }
    const answers = { 'mcp:inputResponses': { confirm: { action: 'accept', content: { ok: true } } } }
    const asked = await ask({})
    const state = asked?.content?.[0]?.['state']
    expect(await ask({ ...answers, 'mcp:requestState': state })).toMatchObject({ output: 'state-ok' })
    expect(await ask({ ...answers, 'mcp:requestState': 'asked' })).toMatchObject({
      outcome: 'failed',
      error: { code: 'invalid-tool-arguments', message: expect.stringContaining('none that was given for this call') },
    })
  })

  test('gets its state for an hour, and for the person, agent, environment and tool for which it has given it [E2.argument-evasion]', () => {
    let now = Date.now()
    const clocked = createAskedStates({ tokens, now: () => now })
    const sealed = clocked.seal(call, 'kept')
    expect(clocked.open(call, sealed)).toBe('kept')
    for (const other of [
      { ...call, tool: 'other' },
      { ...call, scope: { ...call.scope, environmentId: 'prod' } },
      { ...call, onBehalfOf: { agent: 'clerk', user: 'user:eve' } },
      { ...call, onBehalfOf: { agent: 'other', user: 'user:ann' } },
      { ...call, onBehalfOf: null },
    ])
      expect(() => clocked.open(other, sealed)).toThrow('none that was given for this call')
    expect(() => clocked.open(call, `${sealed}x`)).toThrow('none that was given for this call')
    expect(() => clocked.seal(call, 'x'.repeat(70_000))).toThrow('more kept than')
    now += 3_600_000
    expect(() => clocked.open(call, sealed)).toThrow('none that was given for this call')
  })

  test('is told nothing that a person has not allowed, once outsiders had a word: answers are arguments like others [E2.argument-evasion]', async () => {
    await using profile = await startConformanceProfile()
    await govern(profile, asking, ({ result }) => ({
      effect: 'write',
      risk: 2,
      criticalArguments: [],
      result: { ...result, integrity: 'trusted' },
    }))
    const client = await connect(profile)
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'the secret' } }))
    expect(text(await client.callTool({ name: asking, arguments: {} }))).toBe('Hello, the secret!')
    await client.callTool({ name: 'test_simple_text', arguments: {} })
    const waits = text(await client.callTool({ name: asking, arguments: {} }))
    expect(waits).toContain('The call waits for a person')
    expect(waits).toContain('mcp:inputResponses')
  })
})
