import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { causeway } from '../../cli/src/testing/run-cli.ts'
import { anyKind } from '../src/database/testing/index.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

/** A place whose files find the packages that are installed here. */
async function scratchFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'causeway-project-'))
  await symlink(join(import.meta.dirname, '../../../node_modules'), join(path, 'node_modules'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test('a project that begins from a template is applied, serves its tools and answers, without an account [I1.templates]', async () => {
  await using scratch = await scratchFolder()
  await using platform = await startTestPlatform({ kind: anyKind })
  const env = { CAUSEWAY_URL: platform.url, CAUSEWAY_API_KEY: platform.adminKey }
  const project = join(scratch.path, 'harbour-desk')
  const call = (...words: string[]) => causeway(words, { env })

  expect((await call('init', project)).stdout).toContain('Made harbour-desk from the template assistant')
  expect(JSON.parse(await readFile(join(project, 'package.json'), 'utf8'))).toMatchObject({
    name: 'harbour-desk',
    dependencies: { '@causeway/sdk': expect.stringMatching(/^\d+\.\d+\.\d+$/) },
  })
  expect(await call('init', project)).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') })
  expect(await call('init', join(scratch.path, 'Ünïque')).then(({ code }) => code)).toBe(1)
  expect((await call('validate', project)).code).toBe(0)
  const tried = spawnSync(process.execPath, ['--test', 'test.ts'], { cwd: project, encoding: 'utf8' })
  expect(tried).toMatchObject({ status: 0, stdout: expect.stringContaining('pass 2') })
  expect(await call('apply', project, '--yes')).toMatchObject({ code: 0 })

  const worker = spawn(process.execPath, [join(project, 'worker.ts')], { env: { ...process.env, ...env } })
  try {
    const answered = await call('run', 'harbour-desk', 'Where is order 1042?')
    expect(answered.stdout).toContain('Order 1042 is packing.')
    const asking = await call('run', 'harbour-desk', 'Please cancel order 1042', '--no-wait')
    expect(asking.code).toBe(3)
    expect((await call('approvals', 'list')).stdout).toContain('harbour-desk-cancel-order')
  } finally {
    const gone = new Promise(resolve => worker.once('exit', resolve))
    worker.kill('SIGTERM')
    await gone
  }

  const rules = join(scratch.path, 'house-rules')
  expect((await call('init', rules, '--template', 'governance', '--json')).code).toBe(0)
  expect(await call('policy', 'test', rules)).toMatchObject({ code: 0, stdout: expect.stringContaining('1') })
  expect(await call('apply', rules, '--yes')).toMatchObject({ code: 0 })
  expect((await call('slos', 'list')).stdout).toContain('house-rules-answers')
  // A file that is there already is never written over.
  await mkdir(join(scratch.path, 'kept'))
  await writeFile(join(scratch.path, 'kept', 'README.md'), 'mine')
  expect((await call('init', join(scratch.path, 'kept'))).code).toBe(1)
  expect(await readFile(join(scratch.path, 'kept', 'README.md'), 'utf8')).toBe('mine')
})
