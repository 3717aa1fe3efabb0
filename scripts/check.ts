/** `npm run check`: everything that can be said about the code without running the platform. */
import { runCommand } from './run-command.ts'

interface Check {
  name: string
  command: readonly [string, ...string[]]
}

const checks: readonly Check[] = [
  { name: 'types', command: ['tsc'] },
  { name: 'types of the console', command: ['tsc', '-p', 'packages/console'] },
  { name: 'lint', command: ['oxlint', '--type-aware'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'unused code', command: ['knip'] },
]

const repositoryTests: Check = {
  name: 'repository rules',
  command: ['vitest', 'run', '--project', 'repository', '--reporter', 'dot'],
}

/** Runs all checks, two at a time; without the tests of the repository where a run of all tests follows. @returns how many passed and failed */
export async function check(options: { repositoryTests: boolean }): Promise<{ passed: number; failed: number }> {
  // The longest come first, so that both lanes end at about the same time.
  const all = options.repositoryTests ? [repositoryTests, ...checks] : checks
  const waiting = [...all]
  let passed = 0
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [command, ...args] = next.command
      const { ok, output, seconds } = await runCommand(command, args)
      process.stdout.write(`${ok ? '✓' : '✗'} ${next.name} (${seconds.toFixed(1)} s)\n${ok ? '' : `${output}\n`}`)
      if (ok) passed++
    }
  }
  await Promise.all([lane(), lane()])
  return { passed, failed: all.length - passed }
}

if (import.meta.main) {
  const { failed } = await check({ repositoryTests: true })
  process.exitCode = failed > 0 ? 1 : 0
}
