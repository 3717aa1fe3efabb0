import { expect, test } from 'vitest'
import { createBatchWriter } from './batch-writer.ts'

test('rows are written in their order whenever they come, also after a moment in which there was nothing to write', async () => {
  const written: number[] = []
  const writer = createBatchWriter<number>({
    write: async rows => void written.push(...rows),
    onError: () => {},
    delayMs: 5,
    batch: 10,
  })
  for (let round = 0; round < 5; round++) {
    // A full batch is written at once, and the timer of its first row then finds nothing.
    for (let row = 0; row < 10; row++) writer.add(round * 10 + row)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  expect(written).toEqual(Array.from({ length: 50 }, (_, row) => row))
  await writer.close()
})

test('a batch that cannot be written is tried again, first of all; what waits is bounded', async () => {
  const written: number[][] = []
  let failing = true
  const writer = createBatchWriter<number>({
    async write(rows) {
      if (failing) throw new Error('down')
      written.push([...rows])
    },
    onError: () => {},
    delayMs: 1,
    batch: 2,
    limit: 4,
  })
  for (let row = 0; row < 4; row++) writer.add(row)
  const room = writer.room()
  expect(room).toBeDefined()
  failing = false
  await room
  await writer.close()
  expect(written.flat()).toEqual([0, 1, 2, 3])
})
