import { CausewayError, Feedback, GiveFeedback, type ModelCall } from '@causeway/contracts'
import * as z from 'zod'
import type { Connection, Database } from '../../database/index.ts'
import type { App, Caller } from '../../http/index.ts'
import { findCall } from '../calls/call-list-store.ts'
import { keepFeedback } from './feedback-store.ts'

const params = z.object({ id: z.string().max(100) })

/** Records of calls are written some hundred milliseconds after the answer, which is about when the first feedback comes. */
const looks = 5
const betweenLooksMs = 300

/** What is thought of the answers of calls. */
export function feedbackRoutes(app: App, { database }: { database: Database }): void {
  app.put(
    '/v1/model-calls/:id/feedback',
    {
      config: { right: 'models:call' },
      schema: {
        tags: ['model calls'],
        summary: 'Say what was thought of the answer of a call; its id is the x-request-id of the answer',
        params,
        body: GiveFeedback,
        response: { 200: Feedback },
      },
    },
    async ({ caller, params: { id }, body }) => {
      const call = await findSoon(database.kysely, caller, id)
      if (!call || (call.apiKeyId !== caller.keyId && !caller.rights.has('runs:read')))
        throw new CausewayError('not-found', `There is no model call ${id} here.`)
      const { provider, model } = call
      if (provider === null || model === null || call.outcome === 'failed')
        throw new CausewayError('conflict', `The model call ${id} has no answer that could be scored.`)
      return keepFeedback(database.kysely, {
        ...body,
        scope: caller,
        callId: id,
        keyId: caller.keyId,
        actor: caller.actor,
        target: { route: call.downgradedTo ?? call.route, provider, model },
        at: new Date(),
      })
    },
  )
}

async function findSoon(connection: Connection, caller: Caller, id: string): Promise<ModelCall | undefined> {
  for (let look = 1; ; look++) {
    const call = await findCall(connection, caller, id)
    if (call || look === looks) return call
    await new Promise(resolve => setTimeout(resolve, betweenLooksMs))
  }
}
