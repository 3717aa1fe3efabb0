/** Builds the console when its sources have changed since the last build. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'packages/console')
const stamp = join(folder, 'dist/.built-from')

/** @throws Error with the output of the build when it fails */
export function buildConsole(): void {
  const sources = globSync(
    [
      'packages/{console,sdk,contracts}/src/**/*',
      'packages/console/{index.html,vite.config.ts,package.json,public/**/*}',
      'package-lock.json',
    ],
    {
      cwd: root,
      withFileTypes: true,
    },
  )
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .toSorted()
  const hash = createHash('sha256')
  for (const file of sources) hash.update(file.slice(root.length)).update(readFileSync(file))
  const wanted = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stderr.write('Building the console …\n')
  execFileSync('npx', ['vite', 'build', '--logLevel', 'warn'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  writeFileSync(stamp, wanted)
}

if (import.meta.main) buildConsole()
