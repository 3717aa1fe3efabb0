// Runs a script of the project under the Node version that the project pins, after installing what is missing. This is the one file in
// plain JavaScript, because it must run on whatever Node (20 or later) the machine has.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const stamp = join(modules, '.causeway-installed')
const lock = join(root, '.install-lock')
const windows = process.platform === 'win32'
const [script, ...args] = process.argv.slice(2)

if (!script) stop('usage: node scripts/bootstrap.mjs start|test|<script> [arguments]')
if (Number(process.versions.node.split('.')[0]) < 20)
  stop(`Causeway needs Node 20 or later to set itself up; this is ${process.version}.`)

install()
run(join(root, 'scripts', `${script}.ts`))

function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const installed = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (installed()) return
  takeLock(installed)
  try {
    if (installed()) return
    process.stderr.write('Installing dependencies (once; this takes up to a minute) …\n')
    const startedAt = Date.now()
    try {
      execFileSync(windows ? 'npm.cmd' : 'npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: windows,
        maxBuffer: 64 * 1024 * 1024,
      })
    } catch (error) {
      process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}\n`)
      stop(
        error.code === 'ENOENT'
          ? 'npm is not on this machine; install Node with npm.'
          : 'npm ci failed; the reason stands above.',
      )
    }
    mkdirSync(modules, { recursive: true })
    writeFileSync(stamp, wanted)
    process.stderr.write(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.\n`)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

/** Waits for another install at most ten minutes; a lock that is older than that was left behind. */
function takeLock(installed) {
  const staleMs = 600_000
  for (;;) {
    try {
      mkdirSync(lock)
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (installed()) return
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > staleMs)
      rmSync(lock, { recursive: true, force: true })
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
  }
}

function run(file) {
  const node = join(modules, '.bin', windows ? 'node.cmd' : 'node')
  const path = `${join(modules, '.bin')}${windows ? ';' : ':'}${process.env.PATH ?? ''}`
  const child = spawn(node, [file, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
    shell: windows,
  })
  // A terminal sends Ctrl-C to the whole group; other senders reach only this process, which hands the signal on.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
  child.on('error', error => stop(`The pinned Node cannot be started: ${error.message}`))
}

function stop(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
