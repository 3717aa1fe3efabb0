import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { anyKind } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

const run = promisify(execFile)
const folder = join(import.meta.dirname, '../../../examples/code-agents')

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
      const runs = (await admin.runs.list({ sessionId })).data
      expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
      expect(world.world.calls.map(({ tool }) => tool)).toEqual(['lookup', 'pay'])
      await expect.poll(async () => (await admin.modelCalls.list()).data.length, { timeout: 5_000 }).toBe(3)
    },
    90_000,
  )
})
