import { ToolCallback } from '@causeway/contracts'
import * as z from 'zod'
import type { App } from '../http/index.ts'
import { receiveResult, type ReceiveResultDependencies } from './receive-result.ts'

/** Where tools send the results of calls that they have taken. The address is the credential. */
export function callbackRoutes(app: App, dependencies: ReceiveResultDependencies): void {
  app.post(
    '/v1/tool-callbacks/:token',
    {
      config: { public: true },
      schema: {
        tags: ['runs'],
        summary: 'Send the result of a call to the address that came with it in Causeway-Callback-Url',
        params: z.object({ token: z.string().max(2000) }),
        body: ToolCallback,
        response: { 204: z.null() },
      },
    },
    async ({ params: { token }, body }, reply) => {
      await receiveResult(dependencies, token, body)
      return reply.code(204).send(null)
    },
  )
}
