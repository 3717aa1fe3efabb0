import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildPackages, tryPackages } from '../scripts/build-packages.ts'

test('the published packages are compiled, typed, and run without their sources [I1.build]', async () => {
  await buildPackages()
  expect(await tryPackages()).toContain('Usage: causeway')

  const manifests = globSync('packages/{contracts,sdk,cli}/dist/package.json').map(file => readFileSync(file, 'utf8'))
  expect(manifests).toHaveLength(3)
  for (const manifest of manifests) expect(manifest).not.toMatch(/\.ts"|src\/|devDependencies/)
  expect(globSync('packages/{contracts,sdk,cli}/dist/**/*.test.*')).toEqual([])
})
