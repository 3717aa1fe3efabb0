import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

// In a process of its own: the test runner imports modules in its own way, with other errors.
const program = `
import { formatProblem, loadManifests } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
const { problems } = await loadManifests({ paths: ['.'] })
for (const problem of problems) console.log(formatProblem(problem))
`

const modules = {
  'absent.manifest.ts': `import { a } from './b.ts'\nimport { x } from './absent.ts'\n`,
  'enum.manifest.ts': `export const a = {\n  kind: 'Agent',\n}\nenum Colour { red }\n`,
  'name.manifest.ts': `import { nope } from './b.ts'\n`,
  'syntax.manifest.ts': `export const a = {\n  spec: { a b },\n}\n`,
  'throws.manifest.ts': `const read = (from: { to?: { x: number } }) =>\n  from.to!.x\nexport const a = read({})\n`,
}

test('a module that cannot be imported is reported where it fails [I2.yaml-and-typescript, I2.exact-error-positions]', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-import-'))
  try {
    for (const [name, text] of Object.entries({
      ...modules,
      'b.ts': 'export const a = 1',
      'package.json': '{"type":"module"}',
    }))
      await writeFile(join(folder, name), text)
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--no-warnings', '--input-type=module', '--eval', program],
      { cwd: folder },
    )
    expect(
      stdout
        .trim()
        .split('\n')
        .map(said => said.split(' ')[0]),
    ).toEqual([
      'absent.manifest.ts:2:19',
      'enum.manifest.ts:4:1',
      'name.manifest.ts:1:10',
      'syntax.manifest.ts:2:13',
      'throws.manifest.ts:2:12',
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
})
