import { createServer } from 'node:http'
import { CausewayError, rightsOfRole, type Decision, type ManifestInput } from '@causeway/contracts'
import OpenAI from 'openai'
import { pino } from 'pino'
import type { Clock } from '../create-models.ts'
import type { Deadlines } from '../deadlines.ts'
import { createShadows } from '../gateway/shadows.ts'
import { createModelHandler } from '../gateway/create-model-handler.ts'
import type { CallUse, HeldRoom, ModelCallRecord, ModelCallSubject, ModelPorts } from '../ports.ts'
import { listenOnLoopback, stopServer } from './listen-on-loopback.ts'
import { modelsForTest, scope } from './models-for-test.ts'

interface GatewayOptions {
  manifests: ManifestInput[]
  secrets?: Record<string, string>
  deadlines?: Partial<Deadlines>
  clock?: Partial<Clock>
  decide?: (subject: ModelCallSubject) => Decision
  reserve?: () => void
}

export interface GatewayForTest extends AsyncDisposable {
  url: string
  client: OpenAI
  waits: number[]
  records: ModelCallRecord[]
  reservations: { subject: ModelCallSubject; nanoUsd: number; fate: 'held' | 'released' | CallUse }[]
  /** Resolves with the record of the call with this number, counted from 0. */
  recorded(number?: number): Promise<ModelCallRecord>
}

/** The gateway on a loopback socket. The keys `caller` and `other` may call models, the key `viewer` may not. */
export async function gatewayForTest(options: GatewayOptions): Promise<GatewayForTest> {
  const world = modelsForTest(options)
  const records: ModelCallRecord[] = []
  const reservations: GatewayForTest['reservations'] = []
  const rooms = new Map<HeldRoom, GatewayForTest['reservations'][number]>()
  const fate = (room: HeldRoom, outcome: 'released' | CallUse): void => {
    const reservation = rooms.get(room)
    if (reservation?.fate !== 'held') throw new Error('settled twice')
    reservation.fate = outcome
  }
  const { models } = world
  const logger = pino({ level: 'silent' })
  const ports: ModelPorts = {
    decide: async (_caller, subject) => options.decide?.(subject) ?? { answer: 'allow', reasons: [] },
    async reserve(_caller, subject, { nanoUsd }) {
      options.reserve?.()
      const room: HeldRoom = { warnings: [], rateLimits: () => [] }
      rooms.set(room, { subject, nanoUsd, fate: 'held' })
      reservations.splice(0, reservations.length, ...rooms.values())
      return room
    },
    settle: async (held, use) => fate(held, use),
    release: async held => fate(held, 'released'),
    record: record => void records.push(record),
    observe: () => undefined,
    callingSession: () => Promise.reject(new CausewayError('not-found', 'There are no sessions here.')),
    correction: async () => async () => undefined,
  }
  const shadows = createShadows({ models, ports, logger })
  const handler = createModelHandler({
    models,
    logger,
    ports,
    shadows,
    authenticator: {
      async authenticate(headers) {
        const given = headers.authorization ?? headers['x-api-key'] ?? headers['x-goog-api-key']
        if (typeof given !== 'string') throw new CausewayError('missing-credentials', 'There is no key.')
        const key = given.replace('Bearer ', '')
        if (key !== 'caller' && key !== 'other' && key !== 'viewer')
          throw new CausewayError('invalid-credentials', 'The key is not known.')
        const role = key === 'viewer' ? 'viewer' : 'developer'
        return {
          ...scope,
          environment: 'dev',
          actor: key,
          role,
          rights: new Set(rightsOfRole[role]),
          keyId: key,
          boundToEnvironment: false,
          everywhere: true,
          userId: null,
          teamId: null,
          team: null,
          byCookie: false,
        }
      },
    },
  })
  const server = createServer((request, response) => {
    if (handler(request, response) === false) response.writeHead(404).end('for somebody else')
  })
  const url = await listenOnLoopback(server)
  return {
    url,
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: 'caller', maxRetries: 0 }),
    waits: world.waits,
    records,
    reservations,
    async recorded(number = 0) {
      for (let round = 0; round < 500 && !records[number]; round++)
        await new Promise(resolve => setTimeout(resolve, 10))
      const record = records[number]
      if (!record) throw new Error('the call was not recorded')
      return record
    },
    async [Symbol.asyncDispose]() {
      await stopServer(server)
      await shadows.close()
      await world[Symbol.asyncDispose]()
    },
  }
}
