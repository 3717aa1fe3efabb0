/** `npm run build`: compiled copies of the published packages in `packages/<name>/dist`, each with a package.json that points at them. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { buildConsole } from './build-console.ts'
import { root, runCommand } from './run-command.ts'

const Paths = z.record(z.string(), z.string())
const PackageManifest = z
  .object({ exports: Paths, bin: Paths.optional(), publishConfig: z.unknown(), devDependencies: z.unknown() })
  .loose()

const compiled = (paths: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(paths).map(([key, path]) => [key, path.replace('./src/', './').replace(/\.ts$/, '.js')]),
  )

for (const name of ['contracts', 'sdk', 'cli']) {
  const folder = join(root, 'packages', name)
  const dist = join(folder, 'dist')
  rmSync(dist, { recursive: true, force: true })
  const { ok, output } = await runCommand('tsc', ['-p', join(folder, 'tsconfig.build.json')])
  if (!ok) {
    process.stderr.write(output)
    process.exit(1)
  }
  const {
    publishConfig: _publish,
    devDependencies: _development,
    ...manifest
  } = PackageManifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
  const published = {
    ...manifest,
    exports: compiled(manifest.exports),
    ...(manifest.bin && { bin: compiled(manifest.bin) }),
  }
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  cpSync(join(root, 'LICENSE'), join(dist, 'LICENSE'))
  process.stdout.write(`built packages/${name}/dist\n`)
}
buildConsole()
