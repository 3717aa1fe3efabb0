import { CausewayError, Run, TriggerList, TriggerMessage } from '@causeway/contracts'
import * as z from 'zod'
import type { App } from '../http/index.ts'
import type { Triggers } from './create-triggers.ts'

const tags = ['triggers']
const params = z.object({ environmentId: z.string().max(100), name: z.string().max(63) })
const bodyLimit = 1024 * 1024
const Started = z.object({ runId: z.string() })

/** Triggers: list, fire by hand, and the addresses of webhooks. */
export function triggerRoutes(app: App, { triggers }: { triggers: Triggers }): void {
  app.get(
    '/v1/triggers',
    {
      config: { right: 'manifests:read' },
      schema: { tags, summary: 'List the triggers in force, with what they have done', response: { 200: TriggerList } },
    },
    async ({ caller }) => ({ data: await triggers.list(caller) }),
  )

  app.post(
    '/v1/triggers/:name/fire',
    {
      config: { right: 'runs:write' },
      schema: {
        tags,
        summary: 'Fire a trigger now',
        params: z.object({ name: z.string().max(63) }),
        response: { 201: Run },
      },
    },
    async ({ caller, params: { name } }, reply) => reply.code(201).send(await triggers.fire(caller, name)),
  )

  app.post(
    '/v1/triggers/:name/messages',
    {
      bodyLimit,
      config: { right: 'runs:write' },
      schema: {
        tags,
        summary: 'Send a message to a trigger, which starts a run',
        params: z.object({ name: z.string().max(63) }),
        body: TriggerMessage,
        response: { 202: Started },
      },
    },
    async ({ caller, params: { name }, body }, reply) => {
      const run = await triggers.send(caller, name, body)
      return reply.code(202).send({ runId: run.id })
    },
  )

  app.register(hooks => {
    // The signature is over the bytes.
    hooks.removeAllContentTypeParsers()
    hooks.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, body, done) => done(null, body))
    hooks.post(
      '/v1/hooks/:environmentId/:name',
      {
        bodyLimit,
        config: { public: true },
        schema: {
          tags,
          summary: 'Where webhooks are sent that start runs, signed by Standard Webhooks',
          params,
          response: { 202: Started },
        },
      },
      async (request, reply) => {
        const { headers, body } = request
        const { environmentId, name } = params.parse(request.params)
        const signed = Object.entries(headers).flatMap(([key, value]) =>
          key.startsWith('webhook-') && typeof value === 'string' ? [[key, value] as const] : [],
        )
        if (signed.length < 3 || typeof body !== 'string')
          throw new CausewayError('invalid-credentials', 'The webhook has no signature.')
        const run = await triggers.receive(environmentId, name, { headers: Object.fromEntries(signed), body })
        return reply.code(202).send({ runId: run.id })
      },
    )
  })
}
