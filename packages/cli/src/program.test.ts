import { CausewayError } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { causeway, fakePlatform, send, sendProblem, start, type Handler } from './testing/run-cli.ts'

const spent = { steps: 1, toolCalls: 1, inputTokens: 20, outputTokens: 10, nanoUsd: 1_234_000, seconds: 2.5 }
const decision = { answer: 'ask', reasons: [{ source: 'tool', id: 'risk', message: 'A refund cannot be undone.' }] }
const responded = (text: string) => ({
  step: 1,
  route: 'r',
  provider: 'p',
  model: 'm',
  rehearsal: true,
  text,
  toolCalls: [],
  finishReason: 'stop',
  usage: { inputTokens: 20, outputTokens: 10 },
  cost: { nanoUsd: 0, status: 'exact' },
  durationMs: 12,
  attempts: 1,
})

/** A stream of a run: events with their data, live frames of text as they are. */
const stream =
  (...items: ([type: string, data: object] | string)[]): Handler =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    items.forEach((item, index) => {
      const live = { type: 'text-delta', runId: 'run_1', step: 1, text: item }
      const base = { sequence: index + 1, sessionId: 's', runId: 'run_1', at: '2026-01-01T00:00:00Z', schemaVersion: 1 }
      const event = typeof item === 'string' ? live : { ...base, type: item[0], data: item[1] }
      const id = typeof item === 'string' ? '' : `id: ${index + 1}\n`
      response.write(`${id}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    })
  }
const runEnded = (status: string, more: object = {}): [string, object] => [
  'run-ended',
  { status, reason: 'completed', output: null, spent, ...more },
]

test('text of a model cannot pass for a line of the command, nor act on the terminal or hide in it [I1.cli]', async () => {
  await using platform = await fakePlatform({
    'POST /v1/runs': stream(
      'Done.\n✓ succ',
      'eeded\u001b[2J\u202e',
      ['model-responded', responded('Done.\n✓ succeeded\u001b[2J\u202e and the rest')],
      [
        'tool-responded',
        {
          callId: 'c',
          tool: 't',
          outcome: 'completed',
          output: { text: '\u0007\u{e0041}' },
          durationMs: 1,
          attempts: 1,
        },
      ],
      runEnded('succeeded'),
    ),
  })
  const { code, stdout } = await causeway(['run', 'clerk', 'hi', '--url', `${platform.url}/`, '--key', 'k'])
  expect(code).toBe(0)
  expect(stdout).toBe(
    [
      '  │ Done.',
      '  │ ✓ succeeded⟨U+001B⟩[2J⟨U+202E⟩ and the rest',
      '  p/m · 20+10 tokens · 12 ms [rehearsal: a script, not a model]',
      '  → {"text":"\\u0007⟨U+E0041⟩"} · 1 ms',
      '✓ succeeded',
      '  30 tokens · $0.001234 · 1 model call · 1 tool call · 2.5 s',
      `  ${platform.url}/runs/run_1`,
      '',
    ].join('\n'),
  )
})

test('who must approve is told the exact command; the exit code says how the run ended [I1.cli]', async () => {
  const asked = {
    callId: 'c',
    tool: 'pay',
    approvalId: 'ap_1',
    toolVersion: 'v',
    arguments: { amount: 5 },
    binding: 'b',
    decision,
    expiresAt: '2026-01-02T00:00:00Z',
  }
  await using platform = await fakePlatform({
    'POST /v1/runs': stream(
      ['approval-requested', asked],
      runEnded('limited', { reason: 'limit-steps', message: 'The 3 steps are used up.' }),
    ),
  })
  const flags = ['--url', platform.url, '--key', 'hidden', '-e', 'prod']
  const whole = await causeway(['run', 'clerk', '-', ...flags], { input: 'from a pipe' })
  expect(whole.code).toBe(4)
  expect(whole.stdout).toContain('◆ waits for approval: pay {"amount":5}\n  A refund cannot be undone.\n')
  expect(whole.stdout).toContain(`  npx causeway approvals approve ap_1 --url ${platform.url} --environment prod\n`)
  expect(whole.stdout).toContain('✗ limited (limit-steps): The 3 steps are used up.')
  expect(whole.stdout).not.toContain('hidden')
  expect((await causeway(['run', 'clerk', 'pay', '--no-wait', '--json', ...flags])).code).toBe(3)
})

test('Ctrl-C before the run has an id cancels it as soon as it has one; again it leaves at once [A1.cancel, I1.cli]', async () => {
  const begin = Promise.withResolvers<void>()
  await using platform = await fakePlatform({
    'POST /v1/runs': (request, response) =>
      void begin.promise.then(() => stream(['segment-started', { segment: 1, replica: 'r' }])(request, response)),
    'POST /v1/runs/run_1/cancel': (request, response) => {
      send({ id: 'run_1', status: 'running' })(request, response)
      again.resolve()
    },
  })
  const again = Promise.withResolvers<void>()
  const running = start(['run', 'clerk', 'hi', '--url', platform.url, '--key', 'k'])
  while (platform.asked.length === 0) await new Promise(resolve => setTimeout(resolve, 10))
  running.child.kill('SIGINT')
  while (!running.output.stderr.includes('Cancelling')) await new Promise(resolve => setTimeout(resolve, 10))
  begin.resolve()
  await again.promise
  running.child.kill('SIGINT')
  const { code, stderr } = await running.ended
  expect(code).toBe(130)
  expect(stderr).toContain('Cancelling the run; Ctrl-C again leaves at once.')
  expect(platform.asked).toContain('POST /v1/runs/run_1/cancel')
})

test('lists are read whole with --all, one object a line', async () => {
  const page = (ids: string[], nextCursor: string | null): Handler =>
    send({ data: ids.map(id => ({ id, name: id, createdAt: '2026-01-01T00:00:00Z' })), nextCursor })
  await using platform = await fakePlatform({
    'GET /v1/teams': (request, response) =>
      page(...((request.url?.includes('cursor=c1') ? [['b'], null] : [['a'], 'c1']) as [string[], string | null]))(
        request,
        response,
      ),
    'GET /v1/environments': page(['dev'], null),
  })
  const env = { CAUSEWAY_URL: platform.url, CAUSEWAY_API_KEY: 'k' }
  const all = await causeway(['teams', 'list', '--all', '--json'], { env })
  expect(
    all.stdout
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { id: string }).id),
  ).toEqual(['a', 'b'])
  expect((await causeway(['teams', 'list'], { env })).stdout).toMatch(
    /^team {2}name {2}created\na {5}a .*\nmore: --cursor c1\n$/,
  )
  for (const words of [['environments'], ['environments', 'list']])
    expect((await causeway(words, { env })).stdout).toContain('dev')
})

test('an error is one sentence and its remedy, or one object with --json, and never a stack', async () => {
  await using platform = await fakePlatform({
    'GET /v1/me': (_request, response) => sendProblem(response, new CausewayError('internal', 'It broke\u001b[31m.')),
  })
  const env = { CAUSEWAY_URL: platform.url, CAUSEWAY_API_KEY: 'k' }
  expect(await causeway(['whoami'], { env })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'It broke⟨U+001B⟩[31m.\nReport it with the trace id; the log has the cause. Trace: trace-7. (internal)\n',
  })
  const { stderr } = await causeway(['whoami', '--json'], { env })
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'internal', traceId: 'trace-7' } })
  expect((await causeway(['whoami', '--verbose'], { env })).stderr).toContain('at ')
})

test.each([
  [['run', 'clerk', 'hi', '--limit', 'steps=0.5'], /0\.5 is not a possible limit of steps/],
  [['runs', 'list', '--limit', 'many'], /expected a whole number/],
  [['teams'], /Usage: causeway teams/],
  [['whoami'], /No API key: set CAUSEWAY_API_KEY, give --key, or run this where .*admin-key is/],
  [['whoami', '--url', 'nowhere', '--key', 'k'], /"nowhere" is not an address/],
])('causeway %j is wrong usage', async (args, message) => {
  const { code, stderr } = await causeway(args, { env: { CAUSEWAY_DATA: '/nonexistent' } })
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
})

test('doctor says what is missing, in the order in which it is needed [I1.cli]', async () => {
  await using platform = await fakePlatform({
    'GET /healthz': send({ status: 'ok' }),
    'GET /readyz': send({ status: 'ready' }),
    'GET /v1/me': (request, response) =>
      request.headers.authorization === 'Bearer good'
        ? send({ organisation: 'acme', environment: 'dev', actor: 'key:a', role: 'admin', rights: [] })(
            request,
            response,
          )
        : sendProblem(response, new CausewayError('invalid-credentials', 'The key is not known.')),
    'GET /v1/agents': send({ data: [], nextCursor: null }),
  })
  const env = { CAUSEWAY_URL: platform.url }
  const good = await causeway(['doctor', '--key', 'good'], { env })
  expect([good.code, good.stdout]).toEqual([
    0,
    expect.stringMatching(
      /✓ server .*CAUSEWAY_URL[^]*✓ key .*admin of acme \(--key\)[^]*✓ environment .*dev[^]*✓ agents .*none yet/,
    ),
  ])
  const bad = await causeway(['doctor', '--json', '--key', 'bad'], { env })
  expect([bad.code, JSON.parse(bad.stdout)]).toMatchObject([
    1,
    {
      ok: false,
      checks: [
        { ok: true },
        { ok: true },
        { name: 'key', ok: false, detail: expect.stringContaining('causeway keys create') },
      ],
    },
  ])
  expect(await causeway(['doctor'], { env: { CAUSEWAY_URL: 'http://127.0.0.1:9' } })).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('✗ server'),
  })
})

test('--no-color wins over FORCE_COLOR', async () => {
  await using platform = await fakePlatform({ 'POST /v1/runs': stream(runEnded('failed')) })
  const env = { CAUSEWAY_URL: platform.url, CAUSEWAY_API_KEY: 'k', NO_COLOR: '', FORCE_COLOR: '1' }
  expect((await causeway(['run', 'clerk', 'hi'], { env })).stdout).toContain('\u001b[31m✗ failed')
  expect(await causeway(['run', 'clerk', 'hi', '--no-color'], { env })).toMatchObject({
    code: 4,
    stdout: expect.not.stringContaining('\u001b'),
  })
})

test('usage and model calls are tables with what a list of money needs, and JSON for programs [I1.cli]', async () => {
  const used = {
    requests: 3,
    requestsOfRuns: 0,
    failed: 1,
    cacheHits: 4,
    savedNanoUsd: 2_500_000_000,
    inputTokens: 2000,
    outputTokens: 200,
    cachedInputTokens: 0,
    nanoUsd: 9_000_000_000,
    exact: 2,
    estimated: 0,
    unpriced: 1,
  }
  const usage = {
    of: 'key',
    by: 'model',
    since: '2026-01-01T00:00:00.000Z',
    until: '2026-01-31T00:00:00.000Z',
    total: used,
    groups: [{ ...used, group: 'claude', label: null }],
    cut: false,
    budgets: [
      {
        name: 'daily',
        window: 'day',
        used: { requests: 3, tokens: 2200, nanoUsd: 9_000_000_000, concurrent: 2 },
        limits: { requests: 5, tokens: null, nanoUsd: 10_000_000_000, concurrent: 8 },
        resetsAt: '2026-02-01T00:00:00.000Z',
      },
    ],
  }
  await using platform = await fakePlatform({
    'GET /v1/usage': send(usage),
    'GET /v1/model-calls': send({ data: [], nextCursor: null }),
  })
  const options = { env: { CAUSEWAY_URL: platform.url, CAUSEWAY_API_KEY: 'cw_1' } }
  const shown = await causeway(['usage', '--by', 'model', '--since', '2026-01-01'], options)
  expect(shown.code).toBe(0)
  expect(shown.stdout).toMatch(/^claude +3 +1 +2000 +200 +\$9\.00 +\$2\.50 by 4 hits +0 +1$/m)
  expect(shown.stdout).toMatch(/^daily +day +all +3 of 5 +2200 +\$9\.00 of \$10\.00 +2 of 8 +2026-02-01/m)
  expect(JSON.parse((await causeway(['usage', '--json'], options)).stdout)).toEqual(usage)
  await causeway(
    ['model-calls', 'list', '--min-cost', '0.05', '--since', '2026-01-01', '--error', 'rate-limited'],
    options,
  )
  expect(platform.asked).toContain('GET /v1/usage?by=model&since=2026-01-01T00%3A00%3A00.000Z')
  const asked = new URL(platform.asked.at(-1)?.split(' ')[1] ?? '', platform.url).searchParams
  expect(Object.fromEntries(asked)).toEqual({
    limit: '50',
    errorCode: 'rate-limited',
    minNanoUsd: '50000000',
    startedAfter: '2026-01-01T00:00:00.000Z',
  })
  expect((await causeway(['usage', '--since', 'tomorrow'], options)).code).toBe(2)
})

test('help of a command is there before and after its name', async () => {
  expect((await causeway(['--help'])).stdout).toMatch(/doctor[^]*Exit codes: 0 done/)
  expect((await causeway(['help', 'keys', 'create'])).stdout).toBe(
    (await causeway(['keys', 'create', '--help'])).stdout,
  )
})

test('the value of a secret comes from standard input, without its line break, and is no argument [H3.write-only, I1.cli]', async () => {
  const bodies: string[] = []
  const now = '2026-01-01T00:00:00.000Z'
  const secret = { name: 'ORDERS_KEY', version: 2, use: 'tools', createdAt: now, updatedAt: now, updatedBy: 'ann' }
  await using platform = await fakePlatform({
    'PUT /v1/secrets/ORDERS_KEY': (request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk))
      request.on('end', () => send({ ...secret, usedBy: ['Tool/lookup-order'] })(request, response))
    },
  })
  const options = { env: { CAUSEWAY_URL: platform.url, CAUSEWAY_API_KEY: 'cw_1' } }
  const set = await causeway(['secrets', 'set', 'ORDERS_KEY', '--for', 'tools'], {
    ...options,
    input: 'line one\nline two\n',
  })
  expect(set).toMatchObject({
    code: 0,
    stdout: 'ORDERS_KEY is set (version 2, for tools). Used by: Tool/lookup-order.\n',
  })
  const again = await causeway(['secrets', 'set', 'ORDERS_KEY', '--from-version', '1', '--json'], options)
  expect(again.code).toBe(0)
  expect(bodies.map(body => JSON.parse(body))).toEqual([
    { value: 'line one\nline two', use: 'tools' },
    { fromVersion: 1 },
  ])
  const asArgument = await causeway(['secrets', 'set', 'ORDERS_KEY', 's3cret-value'], options)
  expect(asArgument.code).toBe(2)
  const nothing = await causeway(['secrets', 'set', 'ORDERS_KEY'], options)
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('standard input') })
  expect(bodies).toHaveLength(2)
})
