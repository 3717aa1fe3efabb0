import type { Duplex } from 'node:stream'

import { idleTransactionLimitMs } from '../connection-settings.ts'
import { lockDataFolder } from '../data-folder-lock.ts'
import { DatabaseStartError } from '../start-error.ts'
import { openClientStream } from './client-stream.ts'
import { startEngine } from './engine.ts'
import { createSharedSession } from './shared-session.ts'

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
}

export async function openEmbedded({ dataFolder, folder }: OpenEmbeddedOptions): Promise<Embedded> {
  const lock = lockDataFolder(dataFolder)
  try {
    const engine = await startEngine({ folder })
    const session = createSharedSession({ engine, idleTransactionLimitMs, waitLimitMs: 10_000, waiterLimit: 1_000 })
    return {
      openStream: () => openClientStream(session),
      async close() {
        await engine.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw new DatabaseStartError(`The embedded database in ${folder} does not start.`, { cause: error })
  }
}
