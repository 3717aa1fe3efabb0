import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { causeway, fakePlatform, send } from './testing/run-cli.ts'

const decision = { answer: 'ask', reasons: [{ source: 'tool', id: 'risk', message: 'A refund cannot be undone.' }] }

test('an approval is shown with what would be done, why it is asked about and where its arguments come from [A5.approve-by-cli]', async () => {
  await using platform = await fakePlatform({
    'GET /v1/approvals/ap_1': send({
      id: 'ap_1',
      status: 'pending',
      agent: 'clerk',
      tool: 'send-mail',
      arguments: { to: 'eve\u202E@evil.example' },
      decision: {
        ...decision,
        arguments: [
          { pointer: '/to', origin: 'untrusted', from: ['read-mail'] },
          { pointer: '/subject', origin: 'user-stated', from: [] },
        ],
      },
      requestedBy: 'user:ann',
      expiresAt: '2026-12-06T00:00:00.000Z',
    }),
  })
  const { stdout } = await causeway(['approvals', 'get', 'ap_1', '--url', platform.url], {
    env: { CAUSEWAY_API_KEY: 'cw_x' },
  })
  expect(stdout.split('\n').map(line => line.trim())).toEqual([
    'ap_1: pending, until 2026-12-06T00:00:00.000Z',
    'clerk asks to call send-mail, for user:ann',
    '{',
    '"to": "eve⟨U+202E⟩@evil.example"',
    '}',
    'Why a person is asked:',
    'A refund cannot be undone. (risk)',
    'Where the arguments come from:',
    '/to: UNTRUSTED, it stands in what outsiders may have written: read-mail',
    '/subject: the user said it',
    '',
  ])
})

test('tools are imported into a file to review, and a freeze is lifted only when that is meant [B4.mcp, B2.kill-switch]', async () => {
  const draft = {
    kind: 'Tool',
    name: 'harbour-look-up',
    spec: {
      description: 'Finds a ship.',
      input: { type: 'object' },
      implementation: { type: 'mcp', server: 'harbour', tool: 'lookUp', definition: 'a'.repeat(64) },
    },
  }
  const freeze = {
    id: 'freeze_1',
    kind: 'tool',
    name: 'pay',
    reason: 'incident 7',
    frozenBy: 'user:ann',
    frozenAt: '2026-12-06T00:00:00.000Z',
    liftedBy: null,
    liftedAt: null,
  }
  await using platform = await fakePlatform({
    'GET /v1/tool-servers/harbour/tools': send({
      data: [
        { tool: 'lookUp', state: 'new', findings: [], manifest: draft },
        {
          tool: 'bad',
          state: 'refused',
          findings: [{ severity: 'block', rule: 'hidden-markup', message: 'It has markup.' }],
          manifest: null,
        },
      ],
    }),
    'GET /v1/freezes': send({ data: [freeze], nextCursor: null }),
    'POST /v1/freezes/freeze_1/lift': send({ ...freeze, liftedBy: 'user:ann', liftedAt: freeze.frozenAt }),
  })
  const folder = mkdtempSync(join(tmpdir(), 'causeway-cli-'))
  const env = { CAUSEWAY_API_KEY: 'cw_x', CAUSEWAY_URL: platform.url }
  const out = join(folder, 'tools.yaml')
  const imported = await causeway(['tools', 'import', 'harbour', '--out', out], { env })
  expect(imported.stdout).toMatch(
    /lookUp +new +harbour-look-up[^]*bad +refused[^]*hidden-markup: It has markup\.[^]*Wrote 1 manifests/,
  )
  expect(readFileSync(out, 'utf8')).toContain('name: harbour-look-up')
  rmSync(folder, { recursive: true })

  expect((await causeway(['freezes', 'list'], { env })).stdout).toMatch(/freeze_1 +tool +pay +incident 7/)
  const unsure = await causeway(['freezes', 'lift', 'freeze_1'], { env })
  expect([unsure.code, unsure.stderr]).toEqual([1, expect.stringContaining('Say --yes')])
  expect(platform.asked).not.toContain('POST /v1/freezes/freeze_1/lift')
  expect((await causeway(['freezes', 'lift', 'freeze_1', '--yes'], { env })).stdout).toContain('Lifted: tool pay')
})

test('what is remembered of a person is listed, and erased only when that is meant [D6.memory-export]', async () => {
  const memory = {
    id: 'mem_1',
    store: 'notes',
    key: 'seat',
    text: 'Sits on the \u202Eaisle.',
    label: { integrity: 'untrusted', readers: '*', origins: ['read-mail'] },
    modelMade: true,
    person: 'user:ada',
    agent: 'clerk',
    sessionId: 'session_1',
    runId: 'run_1',
    createdAt: '2026-12-01T00:00:00.000Z',
    updatedAt: '2026-12-01T00:00:00.000Z',
    expiresAt: null,
  }
  await using platform = await fakePlatform({
    'GET /v1/memories': send({ data: [memory], nextCursor: null }),
    'DELETE /v1/memories/mem_1': send(memory),
  })
  const call = (...words: string[]) =>
    causeway(['memories', ...words, '--url', platform.url], { env: { CAUSEWAY_API_KEY: 'cw_x' } })
  const listed = await call('list', '--of', 'user:ada')
  expect(listed.stdout).toContain('Sits on the ⟨U+202E⟩aisle.')
  expect(listed.stdout).toContain('untrusted')
  expect(JSON.parse((await call('list', '--all', '--json')).stdout)).toMatchObject({ id: 'mem_1', person: 'user:ada' })
  expect((await call('erase', 'mem_1')).stderr).toContain('Say --yes')
  expect((await call('erase', 'mem_1', '--yes')).stdout).toContain('Erased: mem_1 of user:ada')
})

test('objectives are shown with what is left of their error budgets, and what burns it [G4.slos]', async () => {
  const objective = {
    name: 'answers',
    spec: { of: 'model-calls', route: 'chat', target: 99 },
    windowDays: 28,
    good: 990,
    bad: 15,
    attained: 98.507,
    errorBudget: { allowed: 10.05, remainingPercent: -49.25 },
    burn: [
      {
        severity: 'page',
        hours: 1,
        rate: 20,
        recentRate: 50,
        threshold: 13.44,
        firingSince: '2026-12-01T10:00:00.000Z',
      },
      { severity: 'ticket', hours: 72, rate: 1.2, recentRate: 0, threshold: 1, firingSince: null },
    ],
  }
  await using platform = await fakePlatform({
    'GET /v1/service-level-objectives': send({ data: [objective], nextCursor: null }),
    'GET /v1/service-level-objectives/answers': send({
      ...objective,
      days: [{ day: '2026-12-01', good: 990, bad: 15 }],
    }),
  })
  const call = (...words: string[]) =>
    causeway(['slos', ...words, '--url', platform.url], { env: { CAUSEWAY_API_KEY: 'cw_x' } })
  expect((await call('list')).stdout).toMatch(
    /answers +model-calls of chat +99 % +98\.51 % +28 +990 +15 +-49\.25 % +page \(1 h\)/,
  )
  const { stdout } = await call('get', 'answers')
  expect(stdout).toContain('99 % of model-calls of chat are to be good over 28 days')
  expect(stdout).toMatch(/page +1 h +20\.00 +50\.00 +13\.44 +2026-12-01T10:00/)
  expect(stdout).toMatch(/2026-12-01 +990 +15/)
  expect(JSON.parse((await call('get', 'answers', '--json')).stdout)).toMatchObject({ bad: 15 })
})

test('an incident is opened about something, taken on by whose key it is, and resolved with what it was [E6.incident-workflow]', async () => {
  const at = '2026-12-01T10:00:00.000Z'
  const incident = {
    id: 'inc_1',
    title: 'Pays \u202Etwice',
    severity: 'critical',
    status: 'acknowledged',
    about: [{ kind: 'tool', id: 'pay' }],
    assignee: 'user:ada',
    openedBy: 'user:ada',
    openedAt: at,
    acknowledgedAt: at,
    resolvedAt: null,
  }
  const timeline = [
    { at, actor: 'user:ada', note: 'Seen by the bank.', changed: { status: 'open', severity: 'critical' } },
    { at, actor: 'user:ada', note: null, changed: { status: 'acknowledged', assignee: 'user:ada' } },
  ]
  await using platform = await fakePlatform({
    'GET /v1/me': send({ actor: 'user:ada' }),
    'GET /v1/incidents': send({ data: [incident], nextCursor: null }),
    'POST /v1/incidents': send(incident),
    'POST /v1/incidents/inc_1/entries': send({ ...incident, timeline }),
  })
  const call = (...words: string[]) =>
    causeway(['incidents', ...words, '--url', platform.url], { env: { CAUSEWAY_API_KEY: 'cw_x' } })
  expect((await call('list')).stdout).toMatch(/inc_1 +critical +acknowledged +Pays ⟨U\+202E⟩twice +tool:pay +user:ada/)
  const opened = await call('open', 'Pays twice', '--about', 'tool:pay', '--severity', 'critical')
  expect(opened.stdout).toContain('Opened: inc_1')
  expect(await call('open', 'Pays twice', '--about', 'pay')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('such as tool:pay'),
  })
  expect((await call('acknowledge', 'inc_1')).stdout).toMatch(/user:ada +status: acknowledged; assignee: user:ada/)
  expect((await call('resolve', 'inc_1')).stderr).toContain('--note')
})
