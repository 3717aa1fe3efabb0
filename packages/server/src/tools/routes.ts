import { CausewayError, WorkerQuery, WorkerResult } from '@causeway/contracts'
import * as z from 'zod'
import { openEventStream, type App } from '../http/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { WorkerHub } from './worker-hub.ts'

/** The connection of workers: calls go down a stream of events, results come up as requests. */
export function workerRoutes(app: App, { workers, manifests }: { workers: WorkerHub; manifests: Manifests }): void {
  app.get(
    '/v1/workers/connect',
    {
      config: { right: 'tools:serve' },
      schema: {
        tags: ['workers'],
        summary: 'Connect a worker and receive tool calls as server-sent events',
        querystring: WorkerQuery,
      },
    },
    async (request, reply) => {
      const tools = [...new Set(request.query.tools.split(','))]
      for (const name of tools) {
        const tool = await manifests.active(request.caller, 'Tool', name)
        if (tool?.manifest.spec.implementation.type !== 'worker')
          throw new CausewayError(
            'not-found',
            `${name} is not a tool of type worker in ${request.caller.environment}; apply its manifest first.`,
          )
      }
      const stream = openEventStream(request, reply)
      const worker = workers.connect(request.caller, tools, {
        send: call => void stream.send({ event: 'call', data: call }),
        end: () => stream.end(),
      })
      stream.onClose(() => worker.disconnect())
      await stream.send({ event: 'ready', data: { workerId: worker.workerId } })
      return reply
    },
  )

  app.post(
    '/v1/workers/:workerId/results',
    {
      config: { right: 'tools:serve' },
      schema: {
        tags: ['workers'],
        summary: 'Answer a tool call',
        params: z.object({ workerId: z.string().max(100) }),
        body: WorkerResult,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      workers.find(request.caller, request.params.workerId).answer(request.body)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/workers/:workerId/drain',
    {
      config: { right: 'tools:serve' },
      schema: {
        tags: ['workers'],
        summary: 'Send a worker no more calls, and end its stream after the last answer',
        params: z.object({ workerId: z.string().max(100) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      workers.find(request.caller, request.params.workerId).drain()
      return reply.code(204).send(null)
    },
  )
}
