import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { budget, webhook } from '@causeway/sdk'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

const secret = `whsec_${Buffer.from('a secret of twenty-four bytes').toString('base64')}`
const environment = { CAUSEWAY_SECRET_HOOK: secret }

interface Received {
  id: string
  event: { id: string; type: string; subject?: string; data: Record<string, unknown> }
}

/** A receiver that checks the signature of each message with the library of Standard Webhooks, and answers with the statuses in turn. */
async function startReceiver(statuses: number[] = []) {
  const received: Received[] = []
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    )
    const event = new Webhook(secret).verify(body, headers) as Received['event']
    received.push({ id: headers['webhook-id'] ?? '', event })
    response.writeHead(statuses.shift() ?? 204).end()
  }
  const server = createServer((request, response) => void receive(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    received,
    types: () => received.map(({ event }) => event.type),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const pays = {
  respond: ({ messages }: { messages: readonly { role: string }[] }) =>
    messages.at(-1)?.role === 'user' ? calls('pay') : { text: 'Paid.' },
}

const worldOf = (kind: (typeof databaseKinds)[number], approvalTerms = {}) =>
  startScriptedWorld({
    kind,
    model: pays,
    environment,
    tools: { pay: () => ({ done: true }) },
    governance: {
      pay: {
        effect: 'irreversible',
        risk: 3,
        approval: 'always',
        approvalTerms: { people: 1, escalateAfterSeconds: 86_400, expireAfterSeconds: 604_800, ...approvalTerms },
      },
    },
  })

describe.each(databaseKinds)('a webhook on %s', kind => {
  test('tells that a budget is nearly and then wholly used up, once for each window [A7.outgoing-events, C4.alerts]', async () => {
    await using receiver = await startReceiver()
    await using world = await startScriptedWorld({ kind, model: { respond: () => ({ text: 'Hi.' }) }, environment })
    const { url, adminKey } = world.causeway
    await world.causeway.apply(
      webhook({
        name: 'bills',
        url: receiver.url,
        events: ['budget-warned', 'budget-reached'],
        secret: { secret: 'HOOK' },
      }),
      budget({ name: 'desk', window: 'day', limits: { requests: 4 }, warnAt: 0.5, each: 'key' }),
      budget({ name: 'rate', window: 'minute', limits: { requests: 3 }, onLimit: 'warn' }),
    )
    const ask = async (): Promise<number> => {
      const { status } = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'clerk', messages: [{ role: 'user', content: 'Hi' }] }),
      })
      return status
    }
    for (let call = 0; call < 4; call++) {
      expect(await ask()).toBe(200)
      // What is used is looked at once a second.
      await sleep(1_100)
    }
    expect([await ask(), await ask(), await ask()]).toEqual([429, 429, 429])
    await expect
      .poll(receiver.types, { timeout: 10_000 })
      .toEqual(['causeway.budget-warned', 'causeway.budget-reached'])
    await sleep(500)
    const [warned, reached] = receiver.received
    expect(warned?.event).toMatchObject({
      subject: 'desk',
      data: { budget: 'desk', window: 'day', each: 'key', warnAt: 0.5 },
    })
    expect(reached?.event.data).toMatchObject({ subject: expect.stringMatching(/^key_/) })
    expect(receiver.received).toHaveLength(2)
    expect((await world.causeway.admin.webhookDeliveries.list({ webhook: 'bills' })).data).toMatchObject([
      { type: 'budget-reached', state: 'delivered', runId: '' },
      { type: 'budget-warned', state: 'delivered' },
    ])
  })

  test('gets what it asks for, signed, as CloudEvents, until it has arrived [A7.outgoing-events]', async () => {
    await using receiver = await startReceiver([503])
    await using world = await worldOf(kind)
    const { admin } = world.causeway
    const { url } = receiver
    await world.causeway.apply(
      webhook({ name: 'inbox', url, events: ['approval-requested', 'run-ended'], secret: { secret: 'HOOK' } }),
      webhook({ name: 'other', url, events: ['run-ended'], agents: ['nobody'], secret: { secret: 'HOOK' } }),
    )
    expect(await admin.webhooks.test('inbox')).toMatchObject({ status: 503 })
    expect(receiver.received.shift()?.event.type).toBe('causeway.ping')
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay 1042.' })
    const [approval] = (await admin.approvals.list({ runId: run.id })).data
    await expect.poll(receiver.types, { timeout: 5_000 }).toEqual(['causeway.approval-requested'])
    expect(receiver.received[0]?.event).toMatchObject({
      subject: run.id,
      data: { approvalId: approval?.id, tool: 'pay', arguments: { order: '1042' } },
    })
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
    await admin.runs.wait(run.id)
    await expect.poll(receiver.types, { timeout: 5_000 }).toEqual(['causeway.approval-requested', 'causeway.run-ended'])
    expect(receiver.received[1]?.event.data).toMatchObject({ status: 'succeeded', output: 'Paid.' })

    // The receiver has it a moment before we know that it has.
    const deliveries = async () => (await admin.webhookDeliveries.list()).data
    await expect
      .poll(async () => (await deliveries()).map(({ webhook: to, type, state }) => [to, type, state]), {
        timeout: 5_000,
      })
      .toEqual([
        ['inbox', 'run-ended', 'delivered'],
        ['inbox', 'approval-requested', 'delivered'],
      ])
    const [ended] = await deliveries()
    await admin.webhookDeliveries.replay(ended?.id ?? '')
    await expect.poll(() => receiver.received.length, { timeout: 5_000 }).toBe(3)
    expect(receiver.received[2]).toEqual(receiver.received[1])
  })

  test('that fails is tried again, and nothing is sent to one that is gone until it is enabled [A7.outgoing-events]', async () => {
    await using receiver = await startReceiver([500, 204, 410])
    await using world = await startScriptedWorld({ kind, model: { respond: () => ({ text: 'done' }) }, environment })
    const { admin } = world.causeway
    await world.causeway.apply(
      webhook({ name: 'inbox', url: receiver.url, events: ['run-ended'], secret: { secret: 'HOOK' } }),
    )
    await admin.runs.createAndWait({ agent: 'clerk', input: 'one' })
    const states = async () =>
      (await admin.webhookDeliveries.list()).data.map(({ state, attempts }) => [state, attempts])
    await expect.poll(states, { timeout: 15_000 }).toEqual([['delivered', 2]])
    expect(receiver.received[1]?.id).toBe(receiver.received[0]?.id)

    await admin.runs.createAndWait({ agent: 'clerk', input: 'two' })
    const disabled = async () => (await admin.webhooks.list()).data[0]?.disabledReason
    await expect.poll(disabled, { timeout: 5_000 }).toContain('410')
    await admin.runs.createAndWait({ agent: 'clerk', input: 'three' })
    expect(await states()).toEqual([
      ['failed', 1],
      ['delivered', 2],
    ])
    expect(await admin.webhooks.enable('inbox')).toMatchObject({ disabledAt: null })
    await expect(admin.webhooks.enable('inbox')).rejects.toMatchObject({ code: 'conflict' })
    await admin.runs.createAndWait({ agent: 'clerk', input: 'four' })
    await expect.poll(() => receiver.received.length, { timeout: 5_000 }).toBe(4)
  })

  test('tells of a call that was denied, and why; the finding of a guardrail is a figure to alert on [E6.safety-events]', async () => {
    await using receiver = await startReceiver()
    await using world = await startScriptedWorld({
      kind,
      environment,
      model: { respond: ({ messages }) => (messages.at(-1)?.role === 'user' ? calls('lookup') : { text: 'Done.' }) },
      cedar: '@id("no-lookups") forbid (principal, action == Action::"call-tool", resource == Tool::"lookup");',
    })
    const { admin, adminKey, apply, url } = world.causeway
    await apply(webhook({ name: 'watch', url: receiver.url, events: ['tool-denied'], secret: { secret: 'HOOK' } }), {
      kind: 'Guardrail',
      name: 'no-cards',
      spec: { action: 'flag', detectors: ['payment-card'] },
    })
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'look for 4111 1111 1111 1111' })
    await expect.poll(receiver.types, { timeout: 10_000 }).toEqual(['causeway.tool-denied'])
    expect(receiver.received[0]?.event.data).toMatchObject({
      runId: run.id,
      tool: 'lookup',
      decision: { answer: 'deny', reasons: [{ id: 'house/no-lookups' }] },
    })
    const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminKey}` } })).text()
    expect(metrics).toMatch(/causeway_guardrail_findings_total\{[^}]*guardrail="no-cards"[^}]*\} [1-9]/)
  })

  test('reaches no private address that the operator has not named [B7.ssrf]', async () => {
    await using receiver = await startReceiver()
    await using world = await startScriptedWorld({
      kind,
      model: { respond: () => ({ text: 'done' }) },
      environment: { ...environment, CAUSEWAY_EGRESS_ALLOW: 'tools.example:443' },
    })
    const { admin } = world.causeway
    await world.causeway.apply(
      webhook({ name: 'inbox', url: receiver.url, events: ['run-ended'], secret: { secret: 'HOOK' } }),
    )
    await admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    const error = async () => (await admin.webhookDeliveries.list()).data[0]?.lastError
    await expect.poll(error, { timeout: 5_000 }).toContain('private address')
    expect(receiver.received).toEqual([])
  })
})

describe.each(databaseKinds)('an approval on %s', kind => {
  test('that waits too long is handed up, once, and told to who wants to know [A5.escalation]', async () => {
    await using receiver = await startReceiver()
    await using world = await worldOf(kind, { escalateAfterSeconds: 1 })
    const { admin } = world.causeway
    await world.causeway.apply(
      webhook({ name: 'boss', url: receiver.url, events: ['approval-escalated'], secret: { secret: 'HOOK' } }),
    )
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay 1042.' })
    expect((await admin.approvals.list({ escalated: 'true' })).data).toEqual([])
    await expect.poll(receiver.types, { timeout: 15_000 }).toEqual(['causeway.approval-escalated'])
    const [approval] = (await admin.approvals.list({ escalated: 'true' })).data
    expect(approval).toMatchObject({ runId: run.id, status: 'pending', escalatedAt: expect.any(String) })
    expect((await admin.runs.get(run.id)).status).toBe('waiting')
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
    expect(await admin.runs.wait(run.id)).toMatchObject({ status: 'succeeded', output: 'Paid.' })
    expect((await admin.runs.events(run.id)).filter(({ type }) => type === 'approval-escalated')).toHaveLength(1)
  })

  test('that nobody gave in time is no approval: the call is not made, the model is told, and it is too late to decide [A5.approval-expires]', async () => {
    await using world = await worldOf(kind, { expireAfterSeconds: 2 })
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay 1042.' })
    expect(run.status).toBe('waiting')
    const [approval] = (await admin.approvals.list({ runId: run.id })).data
    await expect
      .poll(() => admin.runs.get(run.id), { timeout: 15_000 })
      .toMatchObject({ status: 'succeeded', output: 'Paid.' })
    expect(world.world.calls).toEqual([])
    expect(JSON.stringify(world.model.requests.at(-1)?.messages.at(-1))).toContain('expired')
    const id = approval?.id ?? ''
    expect(await admin.approvals.get(id)).toMatchObject({ status: 'expired', decidedBy: null })
    await expect(admin.approvals.decide(id, { outcome: 'approve' })).rejects.toMatchObject({ status: 409 })
    expect((await admin.audit.list({ action: 'approval.expired' })).data).toMatchObject([{ actor: 'causeway' }])
  })

  test('that needs several people is carried out when each of them has approved, and not before [A5.staged]', async () => {
    await using world = await worldOf(kind, { people: 2 })
    const { admin } = world.causeway
    const [first, second] = [await world.causeway.clientOf('operator'), await world.causeway.clientOf('operator')]
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay 1042.' })
    const id = (await admin.approvals.list()).data[0]?.id ?? ''
    expect(await first.approvals.decide(id, { outcome: 'approve' })).toMatchObject({ status: 'pending', needed: 2 })
    await expect(first.approvals.decide(id, { outcome: 'approve' })).rejects.toMatchObject({ code: 'conflict' })
    expect(world.world.calls).toEqual([])
    expect((await admin.runs.get(run.id)).status).toBe('waiting')
    expect(await second.approvals.decide(id, { outcome: 'approve' })).toMatchObject({ status: 'approved' })
    expect(await admin.runs.wait(run.id)).toMatchObject({ status: 'succeeded' })
    expect(world.world.calls).toHaveLength(1)

    await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay 1042.' })
    const other = (await admin.approvals.list({ status: 'pending' })).data[0]?.id ?? ''
    await first.approvals.decide(other, { outcome: 'approve' })
    expect(await second.approvals.decide(other, { outcome: 'deny' })).toMatchObject({ status: 'denied' })
    expect(world.world.calls).toHaveLength(1)
  })
})
