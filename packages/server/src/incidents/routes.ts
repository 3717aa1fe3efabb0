import {
  AddIncidentEntry,
  Incident,
  IncidentDetail,
  IncidentPage,
  IncidentQuery,
  OpenIncident,
} from '@causeway/contracts'
import * as z from 'zod'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import type { Incidents } from './create-incidents.ts'
import { listIncidents } from './store.ts'

const tags = ['incidents']
const params = z.object({ id: z.string().max(100) })

/** What went wrong: open, list, read, and note what is done. */
export function incidentRoutes(app: App, { database, incidents }: { database: Database; incidents: Incidents }): void {
  app.get(
    '/v1/incidents',
    {
      config: { right: 'runs:read' },
      schema: {
        tags,
        summary: 'List incidents, newest first',
        querystring: IncidentQuery,
        response: { 200: IncidentPage },
      },
    },
    async ({ caller, query: { cursor, limit, ...filters } }) => {
      const before = cursor ? decodeCursor(cursor) : undefined
      const found = await listIncidents(database.kysely, caller, filters, { before, limit: limit + 1 })
      return pageFrom(found, limit, encodeCursor)
    },
  )

  app.post(
    '/v1/incidents',
    {
      config: { right: 'incidents:write' },
      schema: { tags, summary: 'Open an incident', body: OpenIncident, response: { 201: Incident } },
    },
    async ({ caller, body }, reply) => reply.code(201).send(await incidents.open(caller, body)),
  )

  app.get(
    '/v1/incidents/:id',
    {
      config: { right: 'runs:read' },
      schema: { tags, summary: 'Read an incident with its timeline', params, response: { 200: IncidentDetail } },
    },
    async ({ caller, params: { id } }) => incidents.get(caller, id),
  )

  app.post(
    '/v1/incidents/:id/entries',
    {
      config: { right: 'incidents:write' },
      schema: {
        tags,
        summary:
          'Note something at an incident, or change it: its status, severity, title, who works on it, what it is about',
        params,
        body: AddIncidentEntry,
        response: { 200: IncidentDetail },
      },
    },
    async ({ caller, params: { id }, body }) => incidents.add(caller, id, body),
  )
}
