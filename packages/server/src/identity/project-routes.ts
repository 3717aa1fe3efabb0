import { CreateProject, PageQuery, Project, ProjectPage } from '@causeway/contracts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import type { KeyDependencies } from './api-keys.ts'
import { createProject, projectsSeenBy } from './projects.ts'

const tags = ['projects']

/** Projects: list and make. */
export function projectRoutes(app: App, dependencies: KeyDependencies): void {
  app.get(
    '/v1/projects',
    {
      config: { right: 'members:read' },
      schema: {
        tags,
        summary: 'List the projects that you may use, by name',
        querystring: PageQuery,
        response: { 200: ProjectPage },
      },
    },
    async ({ caller, query: { cursor, limit } }) => {
      const after = cursor ? decodeCursor(cursor) : ''
      const all = await projectsSeenBy(dependencies.database.kysely, caller)
      const rest = all.filter(({ name }) => name > after)
      return pageFrom(rest.slice(0, limit + 1), limit, encodeCursor, ({ name }) => name)
    },
  )
  app.post(
    '/v1/projects',
    {
      config: { right: 'members:write' },
      schema: {
        tags,
        summary: 'Make a project with environments of its own, for everybody or for one team',
        body: CreateProject,
        response: { 201: Project },
      },
    },
    async ({ caller, body }, reply) => reply.code(201).send(await createProject(dependencies, caller, body)),
  )
}
