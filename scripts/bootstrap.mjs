// Runs a script of the project under the Node version that the project pins, after installing what is missing. This is the one file in
// plain JavaScript, because it must run on whatever Node (20 or later) the machine has.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const programs = join(root, 'node_modules', '.bin')
const lock = join(root, '.install-lock')
const windows = process.platform === 'win32'
const terminal = [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY)
const [script, ...args] = process.argv.slice(2)

if (!script) stop('usage: node scripts/bootstrap.mjs start|test|<script> [arguments]')
const file = script.endsWith('.ts') ? join(root, script) : join(root, 'scripts', `${script}.ts`)
if (!existsSync(file)) stop(`There is no script ${script}.`)
if (Number(process.versions.node.split('.')[0]) < 20)
  stop(`Causeway needs Node 20 or later to set itself up; this is ${process.version}.`)

if (!installed()) await installOnce()
run()

/** npm writes the list of what it installed last of all, so an install that was interrupted does not count. */
function installed() {
  const wanted = packagesIn(join(root, 'package-lock.json'))
  const present = packagesIn(join(root, 'node_modules', '.package-lock.json'))
  if (!present) return false
  // Libraries for other platforms are in the lockfile and not in the folder.
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || (present[path] ? present[path].version === version : optional === true),
  )
}

function packagesIn(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

async function installOnce() {
  await takeLock()
  const release = () => rmSync(lock, { force: true })
  process.once('exit', release)
  if (!installed()) await install()
  process.off('exit', release)
  release()
}

/** Waits while another process that lives holds the lock. */
async function takeLock() {
  for (let told = false; ; told = true) {
    try {
      return writeFileSync(lock, String(process.pid), { flag: 'wx' })
    } catch (error) {
      if (error.code !== 'EEXIST') stop(`${root} cannot be written: ${error.message}`)
    }
    if (abandoned()) {
      removeAbandoned()
      continue
    }
    if (!told) process.stderr.write('Another process is installing the dependencies; waiting for it …\n')
    await sleep(300)
  }
}

/** A process that died while it installed leaves its lock; so does one of another container, whose number may be in use here. */
function abandoned() {
  try {
    const ageMs = Date.now() - statSync(lock).mtimeMs
    const holder = Number(readFileSync(lock, 'utf8'))
    return ageMs > 600_000 || (ageMs > 2_000 && !(holder > 0 && lives(holder)))
  } catch {
    return false
  }
}

function lives(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Renaming succeeds for one of those who find the lock abandoned at the same time. */
function removeAbandoned() {
  const aside = `${lock}-${process.pid}`
  try {
    renameSync(lock, aside)
    rmSync(aside)
  } catch {
    // Somebody else was faster.
  }
}

async function install() {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  const line = 'Installing dependencies (once; this takes up to a minute) …'
  process.stderr.write(process.stderr.isTTY ? line : `${line}\n`)
  const progress = setInterval(() => process.stderr.isTTY && process.stderr.write(`\r${line} ${seconds()} s`), 1000)
  const { code, output } = await npmCi()
  clearInterval(progress)
  if (process.stderr.isTTY) process.stderr.write('\n')
  if (code === 'ENOENT') stop('npm is not on this machine; install Node together with npm.')
  if (code !== 0) stop(`${output}\nnpm ci failed; the reason stands above.`)
  process.stderr.write(`Installed in ${seconds()} s.\n`)
}

function npmCi() {
  const npm = spawn(windows ? 'npm.cmd' : 'npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: windows,
  })
  let output = ''
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', chunk => (output += chunk))
  const interrupted = signal => {
    npm.kill(signal)
    process.exit(128 + constants.signals[signal])
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  return new Promise(resolve => {
    npm.on('error', error => resolve({ code: error.code, output: error.message }))
    npm.on('close', code => {
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
      resolve({ code, output })
    })
  })
}

function run() {
  const child = spawn(join(programs, windows ? 'node.cmd' : 'node'), [file, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: {
      // Without it every start compiles some two thousand modules anew, which takes a second.
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'causeway', 'compiled'),
      ...process.env,
      PATH: `${programs}${delimiter}${process.env.PATH ?? ''}`,
    },
    shell: windows,
  })
  // A terminal sends Ctrl-C to the whole group, so the child has it already, and a second one would stop it at once.
  process.on('SIGINT', () => terminal || child.kill('SIGTERM'))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // npm passes a signal to its shell only, which ends without a word to anybody.
  if (process.env.npm_lifecycle_event) onceOrphaned(() => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
  child.on('error', error =>
    stop(`The pinned Node cannot be started: ${error.message}. Delete node_modules and try again.`),
  )
}

/** The process that started this one has ended when another is in its place. */
function onceOrphaned(act) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    act()
  }, 500)
  watch.unref()
}

function stop(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
