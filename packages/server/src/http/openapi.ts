import * as contracts from '@causeway/contracts'
import swagger from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import * as z from 'zod'
import { isOfApi } from './authentication.ts'
import type { App } from './create-app.ts'
import { operationIdOf } from './operation-id.ts'
import { withoutUnusedSchemas } from './used-schemas.ts'

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer cw_…`' },
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
  consoleSession: { type: 'apiKey', in: 'cookie', name: 'causeway_session' },
} as const

/** The description of the API (OpenAPI 3.1), made from the schemas that check requests and answers. */
export async function describeApi(app: App, { version }: { version: string }): Promise<void> {
  const schemaRegistry = namedSchemas()
  const transform = createJsonSchemaTransform({ schemaRegistry })
  // The plugin takes parameters apart one by one and cannot do so with a reference.
  const transformInline = createJsonSchemaTransform({ schemaRegistry: z.registry() })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Causeway', version, description: 'Build, run, govern and observe AI agents.' },
      components: { securitySchemes },
      security: [{ bearer: [] }, { apiKey: [] }, { consoleSession: [] }],
    },
    transform: route => {
      const { schema, url } = transform(route)
      return {
        url,
        schema: isOfApi(url) ? withProblems({ ...schema, ...parametersOf(transformInline(route).schema) }) : schema,
      }
    },
    transformObject: createJsonSchemaTransformObject({ schemaRegistry }),
  })
  app.addHook('onRoute', route => {
    if (!isOfApi(route.url)) return
    route.schema ??= {}
    route.schema.operationId ??= operationIdOf(String(route.method), route.url)
    if (route.config?.public) route.schema.security = []
  })
  let document: string | undefined
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(withoutUnusedSchemas(app.swagger()))
    return reply.type('application/json; charset=utf-8').send(document)
  })
}

/** The schemas of the contracts, under the names under which they are exported there. */
function namedSchemas(): z.core.$ZodRegistry<{ id?: string | undefined }> {
  const registry = z.registry<{ id?: string | undefined }>()
  for (const [id, schema] of Object.entries(contracts))
    if (schema instanceof z.ZodType && !registry.has(schema)) registry.add(schema, { id })
  return registry
}

const problems = {
  description: 'A problem (RFC 9457); `code` is stable.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

/** Every operation may answer with a problem document. */
const withProblems = (schema: FastifySchema): FastifySchema => ({
  ...schema,
  response: { ...Object(schema.response), default: problems },
})

const parametersOf = ({ params, querystring }: FastifySchema): FastifySchema => ({
  ...(params !== undefined && { params }),
  ...(querystring !== undefined && { querystring }),
})
