/** The start of everything on a machine that has nothing but Node and npm, with a small project of its own and the real npm. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

interface Project extends Disposable {
  folder: string
  start(script: string, ...args: string[]): ChildProcess
  installs(): number
}

/** A project whose pinned Node is a package beside it, so that npm needs no registry. */
function createProject(options: { installScript?: string } = {}): Project {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bootstrap-'))
  const write = (path: string, content: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  cpSync('scripts/bootstrap.mjs', join(folder, 'scripts/bootstrap.mjs'))
  write('scripts/answer.ts', 'process.stdout.write(JSON.stringify([process.cwd(), ...process.argv.slice(2)]))\n')
  write('scripts/fail.ts', 'process.exit(7)\n')
  write(
    'scripts/serve.ts',
    `process.on('SIGTERM', () => { process.stdout.write('drained'); process.exit(3) })
setInterval(() => undefined, 1000)
process.stdout.write('ready ')\n`,
  )
  const packageOf = { name: 'project', version: '1.0.0', dependencies: { node: 'file:pinned' } }
  const installScript = `node -e "fs.appendFileSync('installs', 'x')" && ${options.installScript ?? 'exit 0'}`
  write('package.json', JSON.stringify({ ...packageOf, scripts: { preinstall: installScript } }))
  const pinned = { name: 'node', version: '24.0.0', bin: { node: 'node.sh' } }
  write('pinned/package.json', JSON.stringify(pinned))
  write('pinned/node.sh', `#!/bin/sh\nexec "${process.execPath}" "$@"\n`)
  chmodSync(join(folder, 'pinned/node.sh'), 0o755)
  const packages = {
    '': packageOf,
    'node_modules/node': { resolved: 'pinned', link: true },
    'node_modules/of-another-platform': { version: '1.0.0', optional: true, os: ['none'] },
    pinned,
  }
  write('package-lock.json', JSON.stringify({ name: 'project', lockfileVersion: 3, requires: true, packages }))
  return {
    folder,
    start: (script, ...args) =>
      spawn(process.execPath, [join(folder, 'scripts/bootstrap.mjs'), script, ...args], { cwd: tmpdir() }),
    installs: () => (existsSync(join(folder, 'installs')) ? readFileSync(join(folder, 'installs'), 'utf8').length : 0),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

interface Ended {
  code: number | null
  out: string
  error: string
}

async function end(child: ChildProcess): Promise<Ended> {
  let [out, error] = ['', '']
  child.stdout?.on('data', chunk => (out += chunk))
  child.stderr?.on('data', chunk => (error += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, error }
}

test('scripts run under the pinned Node from any folder, installed once although two start together [I1.bootstrap]', async () => {
  using project = createProject({ installScript: 'node -e "setTimeout(() => 0, 700)"' })
  const [one, other] = await Promise.all([
    end(project.start('answer', 'a b')),
    sleep(100).then(() => end(project.start('answer', 'c'))),
  ])
  expect(one).toMatchObject({ code: 0, out: JSON.stringify([project.folder, 'a b']) })
  expect(other).toMatchObject({ code: 0, out: JSON.stringify([project.folder, 'c']) })
  expect(one.error + other.error).toContain('waiting')
  expect(project.installs()).toBe(1)

  // Everything is there, so npm is not needed and nothing is said.
  expect(await end(project.start('answer'))).toMatchObject({ code: 0, error: '' })
  expect(project.installs()).toBe(1)

  const lockfile = join(project.folder, 'package-lock.json')
  writeFileSync(lockfile, readFileSync(lockfile, 'utf8').replaceAll('24.0.0', '24.0.1'))
  writeFileSync(
    join(project.folder, 'pinned/package.json'),
    readFileSync(join(project.folder, 'pinned/package.json'), 'utf8').replace('24.0.0', '24.0.1'),
  )
  expect(await end(project.start('answer'))).toMatchObject({ code: 0 })
  expect(project.installs()).toBe(2)
})

test('exit codes and signals pass through, so that the platform can drain', async () => {
  using project = createProject()
  expect(await end(project.start('fail'))).toMatchObject({ code: 7 })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const child = project.start('serve')
    const ended = end(child)
    await once(child.stdout!, 'data')
    child.kill(signal)
    expect(await ended).toMatchObject({ code: 3, out: 'ready drained' })
  }
})

test('when npm is told to stop, what it has started stops too', async () => {
  using project = createProject()
  const manifest = join(project.folder, 'package.json')
  const scripts = { start: 'node scripts/bootstrap.mjs serve' }
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), scripts }))
  const npm = spawn('npm', ['start'], { cwd: project.folder })
  let out = ''
  npm.stdout.on('data', chunk => (out += chunk))
  await expect.poll(() => out, { timeout: 20_000 }).toContain('ready')
  npm.kill('SIGTERM')
  await once(npm, 'exit')
  // The output is closed by the last process that could write to it.
  await once(npm, 'close')
  expect(out).toContain('drained')
})

test('an install that fails shows why, and an abandoned lock does not stop the next one', async () => {
  using project = createProject()
  const manifest = join(project.folder, 'package.json')
  const right = readFileSync(manifest, 'utf8')
  writeFileSync(manifest, right.slice(1))
  const failed = await end(project.start('answer'))
  expect(failed.code).toBe(1)
  expect(failed.error).toContain('JSON.parse')
  expect(failed.error).toContain('npm ci failed')
  expect(existsSync(join(project.folder, '.install-lock'))).toBe(false)

  const dead = spawn(process.execPath, ['-e', '0'])
  await once(dead, 'exit')
  writeFileSync(join(project.folder, '.install-lock'), String(dead.pid))
  writeFileSync(manifest, right)
  expect(await end(project.start('answer'))).toMatchObject({ code: 0 })
  expect(project.installs()).toBe(1)
})

test('a script that does not exist is named', async () => {
  using project = createProject()
  expect(await end(project.start('nonsense'))).toMatchObject({ code: 1, error: 'There is no script nonsense.\n' })
})
