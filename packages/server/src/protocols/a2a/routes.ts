import {
  A2A_CONTENT_TYPE,
  AgentCard,
  formatSSEErrorEvent,
  formatSSEEvent,
  ListTaskPushNotificationConfigsResponse,
  ListTasksRequest,
  ListTasksResponse,
  SendMessageRequest,
  SendMessageResponse,
  SSE_HEADERS,
  StreamResponse,
  Task,
  TaskPushNotificationConfig,
  type SendMessageResult,
} from '@a2a-js/sdk'
import { restStatusFor, toRestErrorBody } from '@a2a-js/sdk/errors'
import { JsonRpcTransportHandler, ServerCallContext, validateVersion, type A2ARequestHandler } from '@a2a-js/sdk/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { departureOf, traceContextOf, type App } from '../../http/index.ts'
import { createRequestHandler, type A2aDependencies } from './create-request-handler.ts'

const bodyLimit = 2 * 1024 * 1024
const right = 'runs:write' as const
const ofAgent = z.object({ name: z.string().max(63) })
const ofTask = ofAgent.extend({ id: z.string().max(100) })
const Body = z.record(z.string(), z.unknown())

/** An agent over A2A 1.0: its card, JSON-RPC (section 9) and HTTP+JSON (section 11), all under one address. */
export function a2aRoutes(app: App, dependencies: A2aDependencies): void {
  const base = '/v1/agents/:name/a2a'
  /** @throws CausewayError not-found, before anything speaks A2A */
  const handlerFor = async (
    request: FastifyRequest<{ Params: { name: string } }>,
    reply: FastifyReply,
  ): Promise<A2ARequestHandler> => {
    const { name } = request.params
    const url = `${request.protocol}://${request.host}/v1/agents/${name}/a2a`
    const handler = createRequestHandler(dependencies, {
      caller: request.caller,
      agent: name,
      url,
      signal: departureOf(reply),
      trace: traceContextOf(request.headers),
      report: error => request.log.error({ err: error }, 'a request over A2A failed inside Causeway'),
    })
    await handler.getAgentCard()
    return handler
  }
  const schemaOf = (summary: string) => ({ tags: ['protocols'], summary })

  app.get(
    `${base}/.well-known/agent-card.json`,
    { config: { right: 'agents:read' }, schema: { ...schemaOf('The A2A card of the agent'), params: ofAgent } },
    async (request, reply) => send(reply, AgentCard.toJSON(await (await handlerFor(request, reply)).getAgentCard())),
  )

  app.post(
    base,
    {
      bodyLimit,
      config: { right },
      schema: { ...schemaOf('The agent over A2A (JSON-RPC)'), params: ofAgent, body: Body },
    },
    async (request, reply) => {
      const handler = await handlerFor(request, reply)
      const { id } = request.body
      const failed = (error: unknown) => ({
        jsonrpc: '2.0',
        id: typeof id === 'string' || typeof id === 'number' ? id : null,
        error: JsonRpcTransportHandler.mapToJSONRPCError(error),
      })
      try {
        const context = await contextOf(request, handler, 'JSONRPC')
        const answer = await new JsonRpcTransportHandler(handler).handle(request.body, context)
        if (!(Symbol.asyncIterator in answer)) return await reply.send(answer)
        return await stream(reply, answer, { write: each => each, failed })
      } catch (error) {
        return reply.send(failed(error))
      }
    },
  )

  /** One operation of HTTP+JSON, with errors in its form. */
  const rest =
    <Request extends FastifyRequest<{ Params: { name: string } }>>(
      answer: (
        handler: A2ARequestHandler,
        context: ServerCallContext,
        request: Request,
        reply: FastifyReply,
      ) => Promise<unknown>,
    ) =>
    async (request: Request, reply: FastifyReply): Promise<unknown> => {
      const handler = await handlerFor(request, reply)
      try {
        return await answer(handler, await contextOf(request, handler, 'HTTP+JSON'), request, reply)
      } catch (error) {
        const status = restStatusFor(error)
        return send(reply.code(status), toRestErrorBody(error, status))
      }
    }
  const events = (reply: FastifyReply, answer: AsyncIterable<StreamResponse>): Promise<unknown> =>
    stream(reply, answer, {
      write: each => StreamResponse.toJSON(each),
      failed: error => toRestErrorBody(error, restStatusFor(error)),
    })

  const message = { bodyLimit, config: { right } }
  app.post(
    `${base}/message::send`,
    { ...message, schema: { ...schemaOf('Send a message over A2A'), params: ofAgent, body: Body } },
    rest(async (handler, context, { body }: FastifyRequest<{ Params: { name: string }; Body: unknown }>, reply) => {
      const result = await handler.sendMessage(SendMessageRequest.fromJSON(body), context)
      return send(reply, SendMessageResponse.toJSON(responseOf(result)))
    }),
  )
  app.post(
    `${base}/message::stream`,
    { ...message, schema: { ...schemaOf('Send a message over A2A and follow the task'), params: ofAgent, body: Body } },
    rest(async (handler, context, { body }: FastifyRequest<{ Params: { name: string }; Body: unknown }>, reply) =>
      events(reply, handler.sendMessageStream(SendMessageRequest.fromJSON(body), context)),
    ),
  )
  app.get(
    `${base}/tasks`,
    {
      config: { right },
      schema: { ...schemaOf('List the A2A tasks of the agent'), params: ofAgent, querystring: z.looseObject({}) },
    },
    rest(async (handler, context, { query }: FastifyRequest<{ Params: { name: string } }>, reply) =>
      send(reply, ListTasksResponse.toJSON(await handler.listTasks(ListTasksRequest.fromJSON(query), context))),
    ),
  )

  type OfTask = FastifyRequest<{ Params: { name: string; id: string } }>
  type ReadTask = FastifyRequest<{
    Params: { name: string; id: string }
    Querystring: { historyLength?: number | undefined }
  }>
  app.get(
    `${base}/tasks/:id(^[^:/]+)`,
    {
      config: { right },
      schema: {
        ...schemaOf('Read an A2A task'),
        params: ofTask,
        querystring: z.looseObject({ historyLength: z.coerce.number().int().min(0).optional() }),
      },
    },
    rest(async (handler, context, { params, query: { historyLength } }: ReadTask, reply) => {
      const asked = { tenant: '', id: params.id, ...(historyLength !== undefined && { historyLength }) }
      return send(reply, Task.toJSON(await handler.getTask(asked, context)))
    }),
  )
  app.post(
    `${base}/tasks/:id(^[^:/]+)::cancel`,
    { config: { right }, schema: { ...schemaOf('Cancel an A2A task'), params: ofTask } },
    rest(async (handler, context, { params: { id } }: OfTask, reply) =>
      send(reply, Task.toJSON(await handler.cancelTask({ tenant: '', id, metadata: undefined }, context))),
    ),
  )
  const pushes = `${base}/tasks/:id(^[^:/]+)/pushNotificationConfigs`
  const ofPush = ofTask.extend({ configId: z.string().max(100) })
  type OfPush = FastifyRequest<{ Params: { name: string; id: string; configId: string } }>
  app.post(
    pushes,
    { ...message, schema: { ...schemaOf('Be told how an A2A task stands'), params: ofTask, body: Body } },
    rest(
      async (
        handler,
        context,
        { params, body }: FastifyRequest<{ Params: { name: string; id: string }; Body: object }>,
        reply,
      ) => {
        const config = TaskPushNotificationConfig.fromJSON({ ...(body as object), taskId: params.id })
        const kept = await handler.createTaskPushNotificationConfig(config, context)
        return send(reply, TaskPushNotificationConfig.toJSON(kept))
      },
    ),
  )
  app.get(
    pushes,
    { config: { right }, schema: { ...schemaOf('List who is told how an A2A task stands'), params: ofTask } },
    rest(async (handler, context, { params: { id: taskId } }: OfTask, reply) => {
      const asked = { tenant: '', taskId, pageSize: 0, pageToken: '' }
      const list = await handler.listTaskPushNotificationConfigs(asked, context)
      return send(reply, ListTaskPushNotificationConfigsResponse.toJSON(list))
    }),
  )
  app.get(
    `${pushes}/:configId`,
    { config: { right }, schema: { ...schemaOf('Read who is told how an A2A task stands'), params: ofPush } },
    rest(async (handler, context, { params: { id: taskId, configId } }: OfPush, reply) => {
      const config = await handler.getTaskPushNotificationConfig({ tenant: '', taskId, id: configId }, context)
      return send(reply, TaskPushNotificationConfig.toJSON(config))
    }),
  )
  app.delete(
    `${pushes}/:configId`,
    { config: { right }, schema: { ...schemaOf('Tell nobody any more how an A2A task stands'), params: ofPush } },
    rest(async (handler, context, { params: { id: taskId, configId } }: OfPush, reply) => {
      await handler.deleteTaskPushNotificationConfig({ tenant: '', taskId, id: configId }, context)
      return reply.code(204).send()
    }),
  )
  app.route({
    method: ['GET', 'POST'],
    url: `${base}/tasks/:id(^[^:/]+)::subscribe`,
    config: { right },
    schema: { ...schemaOf('Follow an A2A task'), params: ofTask },
    handler: rest(async (handler, context, { params: { id } }: OfTask, reply) =>
      events(reply, handler.resubscribe({ tenant: '', id }, context)),
    ),
  })
}

const send = (reply: FastifyReply, body: unknown): FastifyReply =>
  reply.header('content-type', A2A_CONTENT_TYPE).serializer(JSON.stringify).send(body)

const responseOf = (result: SendMessageResult): SendMessageResponse => ({
  payload: 'messageId' in result ? { $case: 'message', value: result } : { $case: 'task', value: result },
})

/** @throws VersionNotSupportedError for another version of A2A */
async function contextOf(
  { headers }: FastifyRequest,
  handler: A2ARequestHandler,
  binding: 'JSONRPC' | 'HTTP+JSON',
): Promise<ServerCallContext> {
  const version = headers['a2a-version']
  const context = new ServerCallContext(typeof version === 'string' ? { requestedVersion: version } : {})
  validateVersion(context.requestedVersion, await handler.getAgentCard(), binding)
  return context
}

/** Sends answers as server-sent events. What fails before the first one is an answer by itself. */
async function stream<Answer>(
  reply: FastifyReply,
  answers: AsyncIterable<Answer>,
  { write, failed }: { write: (answer: Answer) => unknown; failed: (error: unknown) => unknown },
): Promise<FastifyReply> {
  const iterator = answers[Symbol.asyncIterator]()
  const first = await iterator.next()
  reply.hijack()
  reply.raw.writeHead(200, SSE_HEADERS)
  try {
    for (let next = first; !next.done; next = await iterator.next()) {
      if (reply.raw.destroyed) return reply
      reply.raw.write(formatSSEEvent(write(next.value)))
    }
  } catch (error) {
    reply.raw.write(formatSSEErrorEvent(failed(error)))
  } finally {
    await iterator.return?.()
    reply.raw.end()
  }
  return reply
}
