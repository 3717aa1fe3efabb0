import { createHash } from 'node:crypto'
import { CausewayError, errorCatalogue, type ManifestOf } from '@causeway/contracts'
import type { Database } from '../database/index.ts'
import type { Egress } from '../egress/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { Triggers } from './create-triggers.ts'
import { readNats, type QueueMessage, type QueueSource } from './nats-source.ts'
import { queueTriggers, type NewTrigger } from './store.ts'

export interface QueueReadersOptions {
  database: Database
  manifests: Pick<Manifests, 'version'>
  triggers: Pick<Triggers, 'take' | 'noteFailure'>
  egress: Egress
  secrets: Secrets
  logger: Logger
}

/** A queue that is read here, or that is to be tried again later. */
interface Reader {
  source: QueueSource | undefined
  tryAt: number
  failures: number
}

/** Queues that one replica reads. */
const readersAtMost = 100
const shortestPauseMs = 2_000
const longestPauseMs = 60_000
/** What cannot be done now can soon, or only when somebody has changed something. */
const soonMs = 5_000
const laterMs = 60_000

/** Readers of the queues of all triggers in force. Replicas share the messages of each queue. */
export interface QueueReaders {
  /** Begins with the queues of triggers that are new, and ends with those of triggers that are gone. */
  look(): Promise<void>
  close(): Promise<void>
}

export function createQueueReaders(options: QueueReadersOptions): QueueReaders {
  const { database, manifests, triggers, egress, secrets, logger } = options
  const readers = new Map<string, Reader>()

  const onMessage = async (scope: NewTrigger, manifest: ManifestOf<'Trigger'>, message: QueueMessage) => {
    try {
      await triggers.take(scope, manifest, message)
      return undefined
    } catch (error) {
      const passes = error instanceof CausewayError && errorCatalogue[error.code].retryable
      return { againInMs: passes ? soonMs : laterMs }
    }
  }

  const open = async (key: string, trigger: NewTrigger, reader: Reader): Promise<void> => {
    const { name, version } = trigger
    try {
      const manifest = await manifests.version(trigger, 'Trigger', name, version)
      if (manifest?.spec.on.type !== 'nats') return
      reader.source = await readNats(manifest.spec.on, {
        egress,
        secrets,
        scope: trigger,
        consumer: consumerOf(trigger),
        onMessage: message => onMessage(trigger, manifest, message),
      })
      reader.failures = 0
      void reader.source.ended.then(() => readers.get(key) === reader && readers.delete(key))
    } catch (error) {
      reader.failures++
      reader.tryAt = Date.now() + Math.min(longestPauseMs, shortestPauseMs * 2 ** reader.failures)
      const why = secrets.redact(error instanceof Error ? error.message : String(error))
      logger.warn({ err: error, trigger: name }, 'the queue of a trigger cannot be read; it is tried again')
      await triggers.noteFailure(trigger, name, `The queue cannot be read: ${why}`)
    }
  }

  return {
    async look() {
      const wanted = new Map((await queueTriggers(database.kysely, readersAtMost)).map(each => [keyOf(each), each]))
      for (const [key, { source }] of readers)
        if (!wanted.has(key)) {
          readers.delete(key)
          await source?.close()
        }
      for (const [key, trigger] of wanted) {
        const reader = readers.get(key) ?? { source: undefined, tryAt: 0, failures: 0 }
        readers.set(key, reader)
        if (!reader.source && reader.tryAt <= Date.now()) await open(key, trigger, reader)
      }
    },
    async close() {
      await Promise.allSettled([...readers.values()].map(async ({ source }) => source?.close()))
    },
  }
}

const keyOf = ({ environmentId, name, version }: NewTrigger): string => `${environmentId}\n${name}\n${version}`

/** One place in the stream for each trigger, in whatever version. */
const consumerOf = ({ environmentId, name }: NewTrigger): string =>
  `causeway-${createHash('sha256').update(`${environmentId}\n${name}`).digest('hex').slice(0, 32)}`
