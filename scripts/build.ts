/** `npm run build`: the console, and compiled copies of the published packages in `packages/<name>/dist`, tried out. */
import { buildConsole } from './build-console.ts'
import { buildPackages, tryPackages } from './build-packages.ts'

try {
  await buildPackages()
  await tryPackages()
  buildConsole()
  process.stdout.write('Built packages/{contracts,sdk,cli,console}/dist.\n')
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
