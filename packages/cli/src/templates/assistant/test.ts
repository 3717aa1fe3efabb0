import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadManifests } from '@causeway/sdk/manifests'
import { tools } from './tools.ts'

await test('the manifests are valid', async () => {
  const { problems } = await loadManifests({ paths: [import.meta.dirname] })
  assert.deepEqual(problems, [])
})

await test('tools that change something say so', () => {
  const effects = tools.map(({ manifest }) => [manifest.name, manifest.spec.effect])
  assert.deepEqual(effects, [
    ['{{name}}-look-up-order', 'read'],
    ['{{name}}-cancel-order', 'irreversible'],
  ])
})
