import { expect, test } from 'vitest'
import { createSealedTexts } from './sealed-texts.ts'

test('what is sealed cannot be read, and opens with its key, for its purpose and its owner only [H3.encrypted-store]', () => {
  const made = (id: string, byte: number) => ({ id, bytes: Buffer.alloc(32, byte) })
  const [older, newer] = [made('older', 1), made('newer', 2)]
  const find = (id: string) => (id === 'older' ? older : newer)
  const before = createSealedTexts({ newest: () => older, find }, 'push')
  const sealed = before.seal('Bearer x', 'run_1')
  expect(Buffer.from(sealed.split('.')[1] ?? '', 'base64').toString()).not.toContain('Bearer')
  const after = createSealedTexts({ newest: () => newer, find }, 'push')
  expect(after.open(sealed, 'run_1')).toBe('Bearer x')
  expect(() => after.open(sealed, 'run_2')).toThrow('authenticate')
  expect(() => createSealedTexts({ newest: () => newer, find }, 'other').open(sealed, 'run_1')).toThrow('authenticate')
})
