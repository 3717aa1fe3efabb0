import { expect, test } from 'vitest'
import { createAudit } from '../audit/index.ts'
import { databaseKinds, openTestDatabase } from '../database/testing/index.ts'
import { createOrganisation } from '../identity/index.ts'
import { trusted } from '../labels/index.ts'
import { countMemories, deleteExpiredMemories, insertMemory, listMemories, recallMemories } from './store.ts'

test.each(databaseKinds)(
  'on %s a memory whose time is over is not recalled, listed or counted, and goes [D6.memory-ttl]',
  async kind => {
    await using database = await openTestDatabase(kind)
    const { kysely } = database
    await database.transaction(transaction => createOrganisation(transaction, createAudit(), 'default'))
    const environment = await kysely.selectFrom('environments').selectAll().executeTakeFirstOrThrow()
    const scope = { organisationId: environment.organisation_id, environmentId: environment.id }
    const owner = { scope, store: 'notes', owner: 'user:ada' }
    const memory = {
      key: null,
      label: trusted,
      modelMade: false,
      person: 'user:ada',
      agent: 'clerk',
      sessionId: 'session_1',
      runId: 'run_1',
    }
    const hourFromNow = (hours: number): Date => new Date(Date.now() + hours * 3_600_000)
    for (const [text, expiresAt] of [
      ['over', hourFromNow(-1)],
      ['kept', hourFromNow(1)],
      ['for good', null],
    ] as const)
      await insertMemory(kysely, owner, { ...memory, id: `mem_${text}`, text, effectKey: text, expiresAt })

    const texts = (memories: { text: string }[]): string[] => memories.map(({ text }) => text).toSorted()
    expect(texts(await recallMemories(kysely, owner, { words: [], limit: 10 }))).toEqual(['for good', 'kept'])
    expect(texts(await recallMemories(kysely, owner, { words: ['over'], limit: 10 }))).toEqual([])
    expect(texts(await listMemories(kysely, scope, {}, { before: undefined, limit: 10 }))).toEqual(['for good', 'kept'])
    expect(await countMemories(kysely, owner)).toBe(2)
    expect(await deleteExpiredMemories(kysely, new Date(), 10)).toBe(1)
    expect(await deleteExpiredMemories(kysely, hourFromNow(2), 10)).toBe(1)
    expect(texts(await recallMemories(kysely, owner, { words: [], limit: 10 }))).toEqual(['for good'])
  },
)
