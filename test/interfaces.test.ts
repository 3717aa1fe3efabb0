import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { interfaces } from '../scripts/interfaces.ts'

test('what users of the SDKs and the command line of the last release call is still there, by its name [I1.stable-interfaces]', async () => {
  const released = readFileSync('docs/reference/interfaces-0.1.txt', 'utf8').trim().split('\n')
  expect(released).toEqual(
    expect.arrayContaining([
      'sdk agent',
      'client runs.createAndWait',
      'python Client',
      'python Runs.create',
      'cli causeway run <agent> <input>',
      'cli causeway runs list --status',
    ]),
  )
  const now = new Set(await interfaces())
  expect(released.filter(each => !now.has(each))).toEqual([])
})
