import { Approval, ApprovalPage, ApprovalQuery, CausewayError, DecideApproval } from '@causeway/contracts'
import * as z from 'zod'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import type { Approvals } from './create-approvals.ts'
import { findApproval, listApprovals } from './store.ts'

const params = z.object({ id: z.string().max(100) })

/** Approvals: list, read, decide. */
export function approvalRoutes(app: App, { database, approvals }: { database: Database; approvals: Approvals }): void {
  app.get(
    '/v1/approvals',
    {
      config: { right: 'approvals:read' },
      schema: {
        tags: ['approvals'],
        summary: 'List approvals, newest first',
        querystring: ApprovalQuery,
        response: { 200: ApprovalPage },
      },
    },
    async ({ caller, query: { cursor, limit, ...filters } }) => {
      const before = cursor ? decodeCursor(cursor) : undefined
      return pageFrom(
        await listApprovals(database.kysely, caller, filters, { before, limit: limit + 1 }),
        limit,
        encodeCursor,
      )
    },
  )

  app.get(
    '/v1/approvals/:id',
    {
      config: { right: 'approvals:read' },
      schema: { tags: ['approvals'], summary: 'Read an approval', params, response: { 200: Approval } },
    },
    async ({ caller, params: { id } }) => {
      const approval = await findApproval(database.kysely, caller, id)
      if (!approval) throw new CausewayError('not-found', `There is no approval ${id} in ${caller.environment}.`)
      return approval
    },
  )

  app.post(
    '/v1/approvals/:id/decision',
    {
      config: { right: 'approvals:decide' },
      schema: {
        tags: ['approvals'],
        summary: 'Approve or deny a tool call; the answer is final',
        params,
        body: DecideApproval,
        response: { 200: Approval },
      },
    },
    async ({ caller, params: { id }, body }) => approvals.decide(caller, id, body),
  )
}
