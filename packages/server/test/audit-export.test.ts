import { createHash } from 'node:crypto'
import type { AuditEntry } from '@causeway/contracts'
import canonicalize from 'canonicalize'
import { expect, test } from 'vitest'
import { anyKind } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

test('the audit log is exported whole, and its chain can be followed without the platform [H4.export, H4.audit-hash-chain]', async () => {
  await using world = await startScriptedWorld({ kind: anyKind, model: { turns: [calls('lookup'), { text: 'done' }] } })
  const { admin } = world.causeway
  for (let round = 0; round < 120; round++)
    await admin.freezes.set({ kind: 'team', name: `team-${round}`, reason: 'Ünïcode \n and "quotes"' })
  await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
  const head = await admin.audit.head()
  const entries: AuditEntry[] = []
  for await (const entry of admin.audit.all()) entries.unshift(entry)
  // What was recorded since belongs to the next head.
  const known = entries.slice(0, head.sequence)
  expect(known.map(({ sequence }) => sequence)).toEqual(known.map((_, place) => place + 1))
  let last = known[0]?.previousHash
  for (const { sequence, previousHash, hash, ...body } of known) {
    expect(previousHash).toBe(last)
    last = createHash('sha256')
      .update(`${previousHash}:${sequence}:${canonicalize(body)}`)
      .digest('hex')
    expect(hash).toBe(last)
  }
  expect(last).toBe(head.hash)
})
