import { existsSync } from 'node:fs'
import { findPostgresBinaries } from '../packages/server/src/database/testing/postgres-binaries.ts'
import { runCommand } from './run-command.ts'

/** A program that some tests need and that npm does not bring. */
interface Program {
  name: string
  debianPackage: string
  present: () => boolean
  withoutIt: string
}

const programs: readonly Program[] = [
  {
    name: 'Chromium',
    debianPackage: 'chromium',
    present: () =>
      [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].some(
        path => path !== undefined && existsSync(path),
      ),
    withoutIt: 'the tests in a browser are skipped',
  },
  {
    name: 'PostgreSQL',
    debianPackage: 'postgresql',
    present: () =>
      process.env['TEST_POSTGRES_URL'] !== undefined || findPostgresBinaries(process.env['PATH'] ?? '') !== undefined,
    withoutIt: 'the tests run on the embedded database only',
  },
]

/** Installs what is missing where this process may, which is as root on Debian; else says which tests are skipped. */
export async function setUpTests(): Promise<void> {
  const missing = programs.filter(({ present }) => !present())
  if (missing.length === 0) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) await install(missing)
  for (const { name, present, withoutIt, debianPackage } of missing)
    if (!present())
      process.stdout.write(`${name} is not on this machine (Debian: apt-get install ${debianPackage}): ${withoutIt}.\n`)
}

async function install(missing: readonly Program[]): Promise<void> {
  process.stdout.write(`Installing ${missing.map(({ name }) => name).join(' and ')} for the tests …\n`)
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' } }
  // Packages that are listed already may install although the lists cannot be renewed.
  await runCommand('apt-get', ['update'], options)
  const { ok, output, seconds } = await runCommand(
    'apt-get',
    ['install', '-y', '--no-install-recommends', ...missing.map(({ debianPackage }) => debianPackage)],
    options,
  )
  process.stdout.write(
    ok ? `Installed in ${seconds.toFixed(0)} s.\n` : `${output.trimEnd().split('\n').slice(-5).join('\n')}\n`,
  )
}
