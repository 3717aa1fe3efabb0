import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { root, runCommand } from './run-command.ts'

/** The packages that are published, each after those that it needs. */
const published = ['contracts', 'sdk', 'cli']

const Paths = z.record(z.string(), z.string())
const PackageManifest = z
  .object({
    exports: Paths,
    bin: Paths.optional(),
    publishConfig: z.unknown(),
    devDependencies: z.unknown().optional(),
  })
  .loose()

const compiled = (paths: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(paths).map(([key, path]) => [key, path.replace('./src/', './').replace(/\.ts$/, '.js')]),
  )

/** The package.json of the compiled copy: npm ignores other exports in publishConfig. */
function publishedManifest(text: string): string {
  const {
    publishConfig: _publish,
    devDependencies: _development,
    ...manifest
  } = PackageManifest.parse(JSON.parse(text))
  const { exports, bin } = manifest
  return `${JSON.stringify({ ...manifest, exports: compiled(exports), ...(bin && { bin: compiled(bin) }) }, null, 2)}\n`
}

/** Compiles the published packages to `packages/<name>/dist`. @throws Error with the output of the compiler */
export async function buildPackages(): Promise<void> {
  for (const name of published) {
    const folder = join(root, 'packages', name)
    const dist = join(folder, 'dist')
    rmSync(dist, { recursive: true, force: true })
    const { ok, output } = await runCommand('tsc', ['-p', join(folder, 'tsconfig.build.json')])
    if (!ok) throw new Error(output)
    writeFileSync(join(dist, 'package.json'), publishedManifest(readFileSync(join(folder, 'package.json'), 'utf8')))
    cpSync(join(root, 'LICENSE'), join(dist, 'LICENSE'))
    const templates = join(folder, 'src/templates')
    if (existsSync(templates)) cpSync(templates, join(dist, 'templates'), { recursive: true })
  }
}

const consumer = `import { CausewayError, type Run } from '@causeway/contracts'
import { agent, createClient, tool } from '@causeway/sdk'
import { loadManifests } from '@causeway/sdk/manifests'
import { createToolWorld } from '@causeway/sdk/testing'

const client = createClient({ baseUrl: 'http://127.0.0.1:1', apiKey: 'none' })
export const get: (id: string) => Promise<Run> = client.runs.get
export const used = [CausewayError, agent, tool, loadManifests, createToolWorld].map(each => typeof each)
`

/**
 * Uses the compiled packages as somebody does who has installed them: their sources are out of reach, and Node refuses TypeScript below
 * node_modules. @returns what the command line answers to --help
 * @throws Error with the output of what fails
 */
export async function tryPackages(): Promise<string> {
  // Below node_modules of the root, so that the dependencies are found.
  const folder = join(root, 'node_modules/.cache/causeway/published')
  const installed = join(folder, 'node_modules/@causeway')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(installed, { recursive: true })
  for (const name of published) cpSync(join(root, 'packages', name, 'dist'), join(installed, name), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n')
  writeFileSync(join(folder, 'consumer.ts'), consumer)
  const options = { strict: true, module: 'nodenext', target: 'es2024', types: ['node'] }
  const compilerOptions = { ...options, lib: ['es2024', 'esnext.disposable'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))

  const run = async (command: string, ...args: string[]): Promise<string> => {
    const { ok, output } = await runCommand(command, args)
    if (!ok) throw new Error(`${command} ${args.join(' ')}\n${output}`)
    return output
  }
  await run('tsc', '-p', folder)
  await run('node', join(folder, 'consumer.js'))
  await run('node', join(installed, 'cli/main.js'), 'init', join(folder, 'orders'))
  return run('node', join(installed, 'cli/main.js'), '--help')
}
