import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startEngine } from './engine.ts'
import { messageOf, textOf } from './wire-messages.ts'

const mebibyte = 2 ** 20

test('answers come whole and in their order, and none is kept: memory does not grow with what was asked', async () => {
  await using parts = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'causeway-engine-'))
  parts.defer(() => rm(folder, { recursive: true }))
  const engine = await startEngine({ folder })
  parts.defer(() => engine.close())
  const ask = (rows: number): Promise<Buffer> =>
    engine.execute(messageOf('Q', textOf(`select 'row ' || n from generate_series(1, ${rows}) as n`)))

  const rows = (await ask(20_000)).toString('latin1').match(/row \d+/g)
  expect(rows).toEqual(Array.from({ length: 20_000 }, (_, index) => `row ${index + 1}`))

  const before = process.memoryUsage.rss()
  for (let asked = 0; asked < 80; asked++) await ask(20_000)
  expect((process.memoryUsage.rss() - before) / mebibyte).toBeLessThan(150)
})
