import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import swagger from '@fastify/swagger'
import { Problem } from '@causeway/contracts'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type RawReplyDefaultExpression, type RawRequestDefaultExpression, type RawServerDefault } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Authenticator } from '../identity/index.ts'
import type { Logger, Metrics } from '../telemetry/index.ts'
import { authenticateRequests } from './authentication.ts'
import { createErrorHandler } from './error-handler.ts'
import { consoleRoutes } from './console-routes.ts'
import { operationRoutes, type ReadinessCheck } from './operation-routes.ts'
import { endEventStreams } from './event-stream.ts'

/** The API server: Fastify with Zod schemas. */
export type App = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, ZodTypeProvider>

export interface AppOptions {
  authenticator: Authenticator
  logger: Logger
  metrics: Metrics
  /** Takes known secrets out of what is answered. */
  redact: (text: string) => string
  version: string
  /** Folder of the built console. */
  consoleFolder: string
  checks: readonly ReadinessCheck[]
  /** Answers model requests before Fastify sees them. @returns false for a request that is not for a model */
  handleModelRequest: (request: IncomingMessage, response: ServerResponse) => false | Promise<void>
  /** Registers the routes of the domains. */
  routes: (app: App) => void
}

/** Largest body of the platform's API, in bytes; the model routes have a limit of their own. */
const bodyLimit = 2 * 1024 * 1024

export async function createApp(options: AppOptions): Promise<App> {
  const { authenticator, logger, metrics, handleModelRequest } = options
  const app: App = Fastify({
    bodyLimit,
    logger: false,
    // Time to send a whole request; answers may take as long as they need (streams).
    requestTimeout: 60_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    serverFactory: handler => {
      const server = createServer({ maxHeaderSize: 32 * 1024, headersTimeout: 20_000 }, (request, response) => {
        if (handleModelRequest(request, response) === false) handler(request, response)
      })
      server.maxHeadersCount = 100
      return server
    },
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(createErrorHandler(options))
  securityHeaders(app)
  measure(app, metrics)
  authenticateRequests(app, authenticator)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Causeway', version: options.version, description: 'Build, run, govern and observe AI agents.' },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
      security: [{ apiKey: [] }],
    },
    transform: jsonSchemaTransform,
  })
  describeErrors(app)
  options.routes(app)
  operationRoutes(app, options)
  await consoleRoutes(app, options)
  app.addHook('preClose', async () => endEventStreams())
  await app.ready()
  logger.debug('the API is ready')
  return app
}

function securityHeaders(app: App): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    reply.header('x-frame-options', 'DENY')
    reply.header(
      'content-security-policy',
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
  })
}

function measure(app: App, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none' }
    metrics.httpRequests.inc({ ...labels, status: String(reply.statusCode) })
    metrics.httpDuration.observe(labels, reply.elapsedTime / 1000)
  })
}

/** Every route of the API may answer with a problem document. */
function describeErrors(app: App): void {
  app.addHook('onRoute', route => {
    if (!route.url.startsWith('/v1/') || !route.schema) return
    const response = typeof route.schema.response === 'object' ? route.schema.response : {}
    route.schema.response = { ...response, '4xx': Problem, '5xx': Problem }
  })
}
