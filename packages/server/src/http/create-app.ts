import websocket from '@fastify/websocket'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { authenticateRequests } from './authentication.ts'
import type { Authenticator } from './caller.ts'
import { consoleRoutes } from './console-routes.ts'
import { createErrorHandler } from './error-handler.ts'
import { createHttpServer, type ModelRequestHandler } from './http-server.ts'
import { acceptJsonBodies } from './json-bodies.ts'
import { describeApi } from './openapi.ts'
import { operationRoutes, type ReadinessCheck } from './operation-routes.ts'
import { measureRequests, type HttpMetrics } from './request-metrics.ts'
import { traceIdOf } from './request-trace.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { drainOnClose } from './shutdown.ts'

/** The API server: Fastify with Zod schemas. `request.id` is the trace id of the request. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

export interface AppOptions {
  authenticator: Authenticator
  logger: Logger
  metrics: HttpMetrics
  /** Takes known secrets out of what is answered. */
  redact: (text: string) => string
  /** Where the metadata of an address stands (RFC 9728); absent where no access tokens are taken. */
  resourceMetadata?: ((path: string) => string) | undefined
  version: string
  /** Folder of the built console. */
  consoleFolder: string
  checks: readonly ReadinessCheck[]
  /** Answers model requests before Fastify sees them. */
  handleModelRequest: ModelRequestHandler
  /** Addresses and networks of proxies whose X-Forwarded-* headers are believed. Default none. */
  trustedProxies?: readonly string[]
  /** Registers the routes of the domains. */
  routes: (app: App) => void
  /** Seconds that running requests may take to end when the server closes. Default 10. */
  drainSeconds?: number
}

/** RFC 6455, section 7.4.1. */
const goingAway = 1001

/** Largest message that a reader of events may send, in bytes. */
const socketPayloadBytes = 1024

/** Largest body of the platform's API, in bytes; the model routes have a limit of their own. */
const bodyLimit = 2 * 1024 * 1024

/**
 * Makes the API server, ready to listen.
 * @throws Error when a route of the API names neither a right nor that it is public
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { authenticator, metrics, routes, trustedProxies = [], drainSeconds = 10 } = options
  const handleError = createErrorHandler(options)
  const app: App = Fastify({
    bodyLimit,
    logger: false,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    genReqId: traceIdOf,
    // A HEAD request on a stream of events would hold it open for nothing.
    exposeHeadRoutes: false,
    // Requests during a close get a problem document from `drainOnClose`.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // The longest are addresses that the platform has signed.
    routerOptions: { maxParamLength: 2000 },
    frameworkErrors: handleError,
    serverFactory: handler => createHttpServer(handler, options),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(handleError)
  acceptJsonBodies(app)
  await app.register(websocket, {
    options: { maxPayload: socketPayloadBytes },
    preClose(done) {
      for (const socket of app.websocketServer.clients) socket.close(goingAway, 'the server stops; go on with "after"')
      app.websocketServer.close(done)
    },
  })
  addSecurityHeaders(app)
  measureRequests(app, metrics)
  drainOnClose(app, drainSeconds)
  authenticateRequests(app, authenticator)
  await describeApi(app, options)
  routes(app)
  operationRoutes(app, options)
  await consoleRoutes(app, options)
  await app.ready()
  return app
}
