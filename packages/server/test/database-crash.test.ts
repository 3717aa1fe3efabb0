import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasEnded } from '@causeway/contracts'
import { policy } from '@causeway/sdk'
import { createScriptedModel, createToolWorld } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { crashPostgres } from '../src/database/testing/crash-postgres.ts'
import { databaseKinds } from '../src/database/testing/index.ts'
import { findPostgresBinaries } from '../src/database/testing/postgres-binaries.ts'
import { createPostgresDatabase } from '../src/database/testing/postgres-database.ts'
import { startPostgres } from '../src/database/testing/postgres-server.ts'
import { startPlatformProcess } from '../src/testing/platform-process.ts'
import { calls, clerkManifests, worldTool } from '../src/testing/scripted-world.ts'

const steps = 20
const runsAtOnce = 5

// It needs a server of its own to crash, whose programs are on this machine wherever a whole test run is.
const binaries = databaseKinds.includes('postgresql') ? findPostgresBinaries(process.env['PATH'] ?? '') : undefined

describe.each(binaries === undefined ? [] : [binaries])('a crash of PostgreSQL', folder => {
  test(
    'in the middle of runs loses none of them and repeats no effect, and the platform comes back by itself [A4.no-repeated-effects, A6.database-outage]',
    { timeout: 120_000 },
    async () => {
      await using parts = new AsyncDisposableStack()
      const server = parts.adopt(startPostgres({ binaries: folder, durable: true }), each => each.stop())
      const { url } = parts.use(await createPostgresDatabase({ serverUrl: server.url, fill: async () => undefined }))
      const dataFolder = parts.adopt(await mkdtemp(join(tmpdir(), 'causeway-test-')), path =>
        rm(path, { recursive: true }),
      )
      const done = new Map<string, number>()
      const world = parts.use(
        await createToolWorld({
          tools: {
            act: async ({ order }) => {
              await sleep(15)
              done.set(String(order), (done.get(String(order)) ?? 0) + 1)
              return { done: order }
            },
          },
        }),
      )
      const model = parts.use(
        await createScriptedModel({
          respond: ({ messages }) => {
            const step = messages.filter(({ role }) => role === 'tool').length
            return step < steps ? calls('act', `${String(messages[1]?.['content'])}-${step}`) : { text: 'done' }
          },
        }),
      )
      const { client } = parts.use(
        await startPlatformProcess({ url, dataFolder, [Symbol.asyncDispose]: async () => undefined }),
      )
      await client.manifests.apply({
        manifests: [
          policy({
            name: 'unattended',
            cedar: 'permit (principal, action == Action::"call-tool-unattended", resource);',
          }),
          ...clerkManifests(
            model,
            [
              worldTool(world, 'act', {
                effect: 'irreversible',
                risk: 2,
                result: { integrity: 'trusted', readers: '*', parts: [] },
              }),
            ],
            { steps: 100, toolCalls: 100 },
          ),
        ],
      })
      const runs = await Promise.all(
        Array.from({ length: runsAtOnce }, (_, index) => client.runs.create({ agent: 'clerk', input: `run${index}` })),
      )
      for (const giveUpAt = Date.now() + 20_000; done.size < 10 && Date.now() < giveUpAt;) await sleep(20)
      expect(done.size).toBeGreaterThanOrEqual(10)
      await crashPostgres(url)
      expect(done.size).toBeLessThan(runsAtOnce * steps)

      for (const { id } of runs) {
        for (const giveUpAt = Date.now() + 60_000; Date.now() < giveUpAt; await sleep(200)) {
          // What is unknown is asked about: a person says that it is all right.
          for (const approval of (await client.approvals.list({ status: 'pending' })).data)
            await client.approvals.decide(approval.id, { outcome: 'approve' })
          if (hasEnded((await client.runs.get(id)).status)) break
        }
        expect(await client.runs.get(id)).toMatchObject({ status: 'succeeded', output: 'done' })
        const results = (await client.runs.events(id)).flatMap(({ type, data }) =>
          type === 'tool-responded' ? [data] : [],
        )
        expect(new Set(results.map(({ callId }) => callId)).size).toBe(results.length)
        for (const { outcome, output } of results)
          if (outcome === 'completed') expect(done.get((output as { done: string }).done)).toBe(1)
      }
      expect([...done.values()].filter(times => times > 1)).toEqual([])
    },
  )
})
