/** `npm run check`: everything that can be said about the code without running the platform. */
import { runCommand } from './run-command.ts'

const checks: readonly { name: string; command: readonly [string, ...string[]] }[] = [
  { name: 'types', command: ['tsc'] },
  { name: 'types of the console', command: ['tsc', '-p', 'packages/console'] },
  { name: 'lint', command: ['oxlint', '--type-aware'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'unused code', command: ['knip'] },
  { name: 'repository rules', command: ['vitest', 'run', '--project', 'repository', '--reporter', 'dot'] },
]

/** Runs all checks, two at a time. @returns how many passed and failed */
export async function check(): Promise<{ passed: number; failed: number }> {
  const waiting = [...checks]
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
  return { passed, failed: checks.length - passed }
}

if (import.meta.main) {
  const { failed } = await check()
  process.exitCode = failed > 0 ? 1 : 0
}
