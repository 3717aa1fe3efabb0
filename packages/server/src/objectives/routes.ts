import { Name, PageQuery, ServiceLevelObjectiveDetail, ServiceLevelObjectivePage } from '@causeway/contracts'
import * as z from 'zod'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import type { Objectives } from './create-objectives.ts'

const tags = ['service level objectives']

/** What is promised, and how it stands. */
export function objectiveRoutes(app: App, { objectives }: { objectives: Objectives }): void {
  app.get(
    '/v1/service-level-objectives',
    {
      config: { right: 'runs:read' },
      schema: {
        tags,
        summary: 'List the objectives of the environment with their error budgets, by name',
        querystring: PageQuery,
        response: { 200: ServiceLevelObjectivePage },
      },
    },
    async ({ caller, query: { cursor, limit } }) => {
      const after = cursor ? decodeCursor(cursor) : undefined
      const found = await objectives.list(caller, { after, limit: limit + 1 })
      return pageFrom(found, limit, encodeCursor, ({ name }) => name)
    },
  )

  app.get(
    '/v1/service-level-objectives/:name',
    {
      config: { right: 'runs:read' },
      schema: {
        tags,
        summary: 'Read an objective, day by day',
        params: z.object({ name: Name }),
        response: { 200: ServiceLevelObjectiveDetail },
      },
    },
    async ({ caller, params: { name } }) => objectives.get(caller, name),
  )
}
