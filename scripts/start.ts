/** `npm start`: the platform on its embedded defaults with the example agents, ready to be tried. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@causeway/sdk'
import { formatProblem, loadManifests, placeProblems } from '@causeway/sdk/manifests'
import {
  createHiddenValues,
  createLogger,
  processEnvironment,
  readConfig,
  reasonToRefuse,
  startPlatform,
} from '@causeway/server'
import { CausewayError } from '@causeway/contracts'
import rootPackage from '../package.json' with { type: 'json' }
import { startLibrary } from '../examples/research/library.ts'
import { startSupport } from '../examples/support/worker.ts'
import { buildConsole } from './build-console.ts'

const root = join(import.meta.dirname, '..')

/** Something that the reader can mend; the message is all that is shown. */
class StartRefused extends Error {}

const keyRemedy =
  'Put back the key that the first start left there, give one of an administrator as CAUSEWAY_API_KEY, or start without examples: npx node packages/server/src/main.ts.'

await using parts = new AsyncDisposableStack()
try {
  await start()
} catch (error) {
  process.stderr.write(`${error instanceof StartRefused ? error.message : reasonToRefuse(error)}\n`)
  // Whatever was begun may hold the process open; nothing has been promised to anybody yet.
  process.exit(1)
}

async function start(): Promise<void> {
  const startedAt = performance.now()
  const { manifests, problems } = await loadManifests({ paths: ['examples'], root })
  if (problems.length > 0) throw new StartRefused(problems.map(formatProblem).join('\n'))
  const config = readConfig()
  buildConsole()
  const hidden = createHiddenValues(processEnvironment())
  const platform = parts.use(
    await startPlatform({
      config,
      logger: createLogger({ level: config.logLevel, redact: hidden.redact }),
      hidden,
      environment: processEnvironment(),
      version: rootPackage.version,
      consoleFolder: join(root, 'packages/console/dist'),
    }),
  )
  const keyFile = join(config.dataFolder, 'admin-key')
  const apiKey = platform.newAdminKey ?? adminKeyIn(keyFile)
  const client = createClient({ baseUrl: platform.url, apiKey })
  await client.manifests.apply({ manifests: manifests.map(({ input }) => input) }).catch((error: unknown) => {
    if (!(error instanceof CausewayError)) throw error
    if (error.problems) throw new StartRefused(placeProblems(manifests, error.problems).map(formatProblem).join('\n'))
    throw new StartRefused(`The examples cannot be applied with the key in ${keyFile}: ${error.message} ${keyRemedy}`)
  })
  parts.use(startSupport({ baseUrl: platform.url, apiKey }))
  const library = await startLibrary().catch(() => undefined)
  if (library) parts.defer(() => void library.close())
  else process.stderr.write('The library of the research example does not run: port 4110 is in use.\n')

  const lines = [
    `Causeway is ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`,
    `  console    ${platform.url}`,
    `  admin key  ${keyFile}`,
    ...(platform.newAdminKey && process.stdout.isTTY ? [`             ${platform.newAdminKey} (shown this once)`] : []),
    '  next       npx causeway run support "Where is order 1042 and can I still change the address?"',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  await stopped()
  process.stdout.write('Stopping: running work has a moment to finish. Ctrl-C again stops at once.\n')
  process.once('SIGINT', () => process.exit(130))
  await parts.disposeAsync()
  process.exit(0)
}

/** The key that the examples are applied with. @throws StartRefused */
function adminKeyIn(keyFile: string): string {
  const given = process.env['CAUSEWAY_API_KEY']
  if (given) return given
  if (!existsSync(keyFile)) throw new StartRefused(`The admin key is not in ${keyFile}. ${keyRemedy}`)
  return readFileSync(keyFile, 'utf8').trim()
}

/** Resolves when somebody wants the platform to stop. */
function stopped(): Promise<void> {
  return new Promise(resolve => void process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve()))
}
