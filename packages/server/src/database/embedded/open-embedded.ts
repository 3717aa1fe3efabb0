import type { Duplex } from 'node:stream'

import type { Logger } from 'pino'

import { idleTransactionLimitMs } from '../connection-settings.ts'
import { lockDataFolder } from '../data-folder-lock.ts'
import { DatabaseStartError } from '../start-error.ts'
import { openClientStream } from './client-stream.ts'
import { startEngine, type Engine } from './engine.ts'
import { createSharedSession, type SharedSession } from './shared-session.ts'

/** The embedded database: a PostgreSQL that `pg` reaches through a stream inside this process. */
export interface Embedded {
  openStream(): Duplex
  close(): Promise<void>
}

export interface OpenEmbeddedOptions {
  /** The folder that is locked against other processes. */
  dataFolder: string
  /** The folder with the files of the engine, inside the data folder. */
  folder: string
  logger: Logger
}

const limits = { idleTransactionLimitMs, waitLimitMs: 10_000, waiterLimit: 1_000 }

/** Starts the engine, and starts it again when it fails, as a PostgreSQL server does after the crash of a backend. */
export async function openEmbedded({ dataFolder, folder, logger }: OpenEmbeddedOptions): Promise<Embedded> {
  const lock = lockDataFolder(dataFolder)
  let closing = false

  const start = async (): Promise<{ engine: Engine; session: SharedSession }> => {
    const engine = await startEngine({ folder })
    if (closing) await engine.close()
    return { engine, session: createSharedSession({ engine, ...limits }) }
  }
  let running: Awaited<ReturnType<typeof start>>
  try {
    running = await start()
  } catch (error) {
    lock.release()
    throw new DatabaseStartError(
      `The embedded database in ${folder} does not start: its files are damaged, of another version, or not readable. ` +
        'Put a copy back, or set CAUSEWAY_DATA to another folder.',
      { cause: error },
    )
  }

  const keepRunning = async (): Promise<void> => {
    try {
      for (let failure = await running.engine.ended; failure; failure = await running.engine.ended) {
        logger.error({ err: failure }, 'the embedded database failed and is started again')
        running = await start()
      }
    } catch (error) {
      logger.fatal({ err: error }, 'the embedded database does not start again')
    }
  }
  const kept = keepRunning()

  return {
    openStream: () => openClientStream(running.session),
    async close() {
      closing = true
      await running.engine.close()
      await kept
      lock.release()
    },
  }
}
