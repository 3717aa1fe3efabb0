import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Logger } from 'pino'

/** Answers model requests. @returns false for a request that is not for a model */
export type ModelRequestHandler = (request: IncomingMessage, response: ServerResponse) => false | Promise<void>

interface HttpServerOptions {
  handleModelRequest: ModelRequestHandler
  logger: Logger
}

/** The server of both kinds of requests: those for models are answered before the web framework sees them. */
export function createHttpServer(next: RequestListener, { handleModelRequest, logger }: HttpServerOptions): Server {
  const server = createServer(limits, (request, response) => {
    const answered = handleModelRequest(request, response)
    if (answered === false) next(request, response)
    else
      answered.catch((error: unknown) => {
        logger.error({ err: error }, 'a model request failed outside its handler')
        response.destroy()
      })
  })
  server.maxHeadersCount = 100
  // Each connection costs memory and a file descriptor; beyond this, new ones are closed rather than all made slow.
  server.maxConnections = 10_000
  return server
}

const limits = {
  // A browser sends cookies of the whole host along; tokens of single sign-on are large.
  maxHeaderSize: 32 * 1024,
  // A client that trickles its headers or its body holds a connection for so long at most. Answers may take any time: streams.
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  // Longer than the 60 s for which load balancers commonly keep idle connections, so that it is they who close them.
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 5_000,
}
