/** Starts one replica of the platform: `node packages/server/src/main.ts`. */
import { join } from 'node:path'
import { processEnvironment, readConfig } from './config/index.ts'
import { startPlatform } from './platform.ts'
import { createHiddenValues } from './secrets/index.ts'
import { reasonToRefuse } from './start-refusal.ts'
import { createLogger } from './telemetry/index.ts'
import serverPackage from '../package.json' with { type: 'json' }

try {
  const config = readConfig()
  const environment = processEnvironment()
  const hidden = createHiddenValues(environment)
  const logger = createLogger({ level: config.logLevel, redact: hidden.redact })
  const platform = await startPlatform({
    config,
    logger,
    environment,
    hidden,
    version: serverPackage.version,
    consoleFolder: join(import.meta.dirname, '../../console/dist'),
  })
  process.stdout.write(`causeway listens on ${platform.url} after ${Math.round(performance.now())} ms\n`)
  const stop = (): void => void platform.close().then(() => process.exit(0))
  process.once('SIGTERM', stop).once('SIGINT', stop)
} catch (error) {
  process.stderr.write(`${reasonToRefuse(error)}\n`)
  process.exit(1)
}
