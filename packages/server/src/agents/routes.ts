import {
  Agent,
  AgentPage,
  CausewayError,
  CreateSession,
  ErasePerson,
  Erasure,
  ForkSession,
  HoldSession,
  ImportedSession,
  PageQuery,
  Session,
  SessionPage,
  type ManifestOf,
} from '@causeway/contracts'
import { Readable } from 'node:stream'
import { v7 as uuid } from 'uuid'
import * as z from 'zod'
import { decodeCursor, encodeCursor, pageFrom, requireRight, type App } from '../http/index.ts'
import type { Manifests } from '../manifests/index.ts'
import { erasePerson, eraseSession, type ErasureDependencies } from './erase-sessions.ts'
import { holdSession } from './hold-session.ts'
import { exportOf } from './export-session.ts'
import { logRoute } from './log-routes.ts'
import { importBytesAtMost, importSession, type ImportDependencies } from './import-session.ts'
import type { EventSource } from './event-source.ts'
import { forkSession, type ForkDependencies } from './fork-session.ts'
import { runRoutes, type RunRouteDependencies } from './run-routes.ts'
import { findSession, insertSession, listSessions } from './session-store.ts'

/** Agents, sessions and runs. */
export function agentRoutes(app: App, dependencies: RunRouteDependencies & ImportDependencies): void {
  listOfAgents(app, dependencies)
  sessionRoutes(app, dependencies)
  runRoutes(app, dependencies)
}

function listOfAgents(app: App, { manifests }: { manifests: Manifests }): void {
  const tags = ['agents']
  app.get(
    '/v1/agents',
    {
      config: { right: 'agents:read' },
      schema: {
        tags,
        summary: 'List the agents of the environment',
        querystring: PageQuery,
        response: { 200: AgentPage },
      },
    },
    async ({ caller, query: { cursor, limit } }) => {
      const after = cursor ? decodeCursor(cursor) : ''
      const agents = (await manifests.allActive(caller, 'Agent'))
        .map(toAgent)
        .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      const rest = agents.filter(({ name }) => name > after)
      return pageFrom(rest.slice(0, limit + 1), limit, encodeCursor, ({ name }) => name)
    },
  )

  app.get(
    '/v1/agents/:name',
    {
      config: { right: 'agents:read' },
      schema: {
        tags,
        summary: 'Read an agent',
        params: z.object({ name: z.string().max(63) }),
        response: { 200: Agent },
      },
    },
    async ({ caller, params: { name } }) => toAgent(await activeAgent(manifests, caller, name)),
  )
}

function sessionRoutes(
  app: App,
  dependencies: ForkDependencies & EventSource & ErasureDependencies & ImportDependencies,
): void {
  const { database, manifests } = dependencies
  const tags = ['sessions']
  const params = z.object({ id: z.string().max(100) })

  app.post(
    '/v1/sessions',
    {
      config: { right: 'runs:write' },
      schema: { tags, summary: 'Start a session with an agent', body: CreateSession, response: { 201: Session } },
    },
    async ({ caller, body }, reply) => {
      const { version } = await activeAgent(manifests, caller, body.agent)
      const id = `session_${uuid()}`
      await insertSession(database.kysely, caller, {
        id,
        agent: body.agent,
        agentVersion: version,
        createdBy: caller.actor,
      })
      return reply.code(201).send(existing(await findSession(database.kysely, caller, id), id))
    },
  )

  app.get(
    '/v1/sessions',
    {
      config: { right: 'runs:read' },
      schema: { tags, summary: 'List sessions, newest first', querystring: PageQuery, response: { 200: SessionPage } },
    },
    async ({ caller, query: { cursor, limit } }) => {
      const before = cursor ? decodeCursor(cursor) : undefined
      return pageFrom(await listSessions(database.kysely, caller, { before, limit: limit + 1 }), limit, encodeCursor)
    },
  )

  app.get(
    '/v1/sessions/:id',
    { config: { right: 'runs:read' }, schema: { tags, summary: 'Read a session', params, response: { 200: Session } } },
    async ({ caller, params: { id } }) => existing(await findSession(database.kysely, caller, id), id),
  )

  app.delete(
    '/v1/sessions/:id',
    {
      config: { right: 'sessions:erase' },
      schema: {
        tags,
        summary: 'Erase what was said in a session, with its forks and what its runs have started; what it cost stays',
        params,
        response: { 200: Erasure },
      },
    },
    async ({ caller, params: { id } }) => eraseSession(dependencies, caller, id, { withMemories: true }),
  )

  app.put(
    '/v1/sessions/:id/hold',
    {
      config: { right: 'sessions:hold' },
      schema: {
        tags,
        summary: 'Put a session under legal hold: nothing of it is erased until it is released',
        params,
        body: HoldSession,
        response: { 200: Session },
      },
    },
    async ({ caller, params: { id }, body: { reason } }) => holdSession(dependencies, caller, id, reason),
  )

  app.delete(
    '/v1/sessions/:id/hold',
    {
      config: { right: 'sessions:hold' },
      schema: { tags, summary: 'Release a session from legal hold', params, response: { 200: Session } },
    },
    async ({ caller, params: { id } }) => holdSession(dependencies, caller, id, null),
  )

  app.post(
    '/v1/sessions/erase',
    {
      config: { right: 'sessions:erase' },
      schema: {
        tags,
        summary: 'Erase the sessions of a person, a hundred at a time, and what was remembered of it',
        body: ErasePerson,
        response: { 200: Erasure },
      },
    },
    async ({ caller, body: { person } }) => erasePerson(dependencies, caller, person),
  )

  app.get(
    '/v1/sessions/:id/export',
    {
      config: { right: 'runs:read' },
      schema: {
        tags,
        summary: 'A session as one file: the session, its runs and its events, a JSON object a line',
        params,
      },
    },
    async ({ caller, params: { id } }, reply) => {
      const session = existing(await findSession(database.kysely, caller, id), id)
      return reply
        .type('application/x-ndjson')
        .header('content-disposition', `attachment; filename="${id}.ndjson"`)
        .send(Readable.from(exportOf({ connection: database.kysely, manifests }, caller, session)))
    },
  )

  app.register(async files => {
    files.removeAllContentTypeParsers()
    files.addContentTypeParser(
      'application/x-ndjson',
      { parseAs: 'string', bodyLimit: importBytesAtMost },
      (_request, body, done) => done(null, body),
    )
    files.post(
      '/v1/sessions/import',
      {
        bodyLimit: importBytesAtMost,
        config: { right: 'runs:write' },
        schema: {
          tags,
          summary: 'Bring in a session that was exported, as application/x-ndjson; it gets ids of its own',
          response: { 201: ImportedSession },
        },
      },
      async (request, reply) => {
        // The versions of agents and tools that the file brings are kept too.
        requireRight(request.caller, 'manifests:write')
        return reply.code(201).send(await importSession(dependencies, request.caller, String(request.body)))
      },
    )
  })

  app.post(
    '/v1/sessions/:id/fork',
    {
      config: { right: 'runs:write' },
      schema: {
        tags,
        summary: 'Go on from a place in a session, in a session of its own',
        params,
        body: ForkSession,
        response: { 201: Session },
      },
    },
    async ({ caller, params: { id }, body }, reply) =>
      reply.code(201).send(await forkSession(dependencies, caller, id, body)),
  )

  logRoute(app, dependencies, {
    url: '/v1/sessions/:id/events',
    tags,
    summary:
      'Read the event log of a session; with Accept: text/event-stream, or as a WebSocket, follow it from Last-Event-ID or after',
    logOf: async (caller, id) => {
      existing(await findSession(database.kysely, caller, id), id)
      return { sessionId: id }
    },
  })
}

type ActiveAgent = { version: string; manifest: ManifestOf<'Agent'> }

async function activeAgent(
  manifests: Manifests,
  caller: Parameters<Manifests['active']>[0] & { environment: string },
  name: string,
): Promise<ActiveAgent> {
  const agent = await manifests.active(caller, 'Agent', name)
  if (!agent) throw new CausewayError('not-found', `There is no agent ${name} in ${caller.environment}.`)
  return agent
}

const toAgent = ({ version, manifest: { name, description, spec } }: ActiveAgent): Agent => ({
  name,
  version,
  description: description ?? null,
  model: spec.model,
  tools: spec.tools,
  limits: spec.limits,
})

function existing(session: Session | undefined, id: string): Session {
  if (!session) throw new CausewayError('not-found', `There is no session ${id} here.`)
  return session
}
