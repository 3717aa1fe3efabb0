import {
  Approval,
  ApprovalLink,
  ApprovalPage,
  ApprovalQuery,
  CausewayError,
  CreateApprovalLink,
  DecideApproval,
  DecideApprovals,
  DecidedApprovals,
  DelegateApproval,
  isDevelopment,
} from '@causeway/contracts'
import * as z from 'zod'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import type { ApprovalLinks } from './approval-links.ts'
import type { Approvals } from './create-approvals.ts'
import { decideSeveral } from './decide-several.ts'
import { linkRoutes } from './link-routes.ts'
import { findApproval, lastApproved, listApprovals } from './store.ts'

const params = z.object({ id: z.string().max(100) })

export interface ApprovalRouteDependencies {
  database: Database
  approvals: Approvals
  links: ApprovalLinks
}

/** Approvals: list, read, decide. */
export function approvalRoutes(app: App, { database, approvals, links }: ApprovalRouteDependencies): void {
  linkRoutes(app, { approvals, links })

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
      return { ...approval, previous: await lastApproved(database.kysely, caller, approval) }
    },
  )

  app.post(
    '/v1/approvals/decisions',
    {
      config: { right: 'approvals:decide' },
      schema: {
        tags: ['approvals'],
        summary: 'Approve or deny several tool calls, each by itself',
        body: DecideApprovals,
        response: { 200: DecidedApprovals },
      },
    },
    async ({ caller, body }) => decideSeveral(approvals, caller, body),
  )

  app.post(
    '/v1/approvals/:id/delegation',
    {
      config: { right: 'approvals:decide' },
      schema: {
        tags: ['approvals'],
        summary: 'Hand an approval on to another person',
        params,
        body: DelegateApproval,
        response: { 200: Approval },
      },
    },
    async ({ caller, params: { id }, body }) => approvals.delegate(caller, id, body),
  )

  app.post(
    '/v1/approvals/:id/links',
    {
      config: { right: 'approvals:decide' },
      schema: {
        tags: ['approvals'],
        summary: 'Make an address at which one person decides this approval, without an account',
        params,
        body: CreateApprovalLink,
        response: { 201: ApprovalLink },
      },
    },
    async ({ caller, params: { id }, body }, reply) => {
      const approval = await findApproval(database.kysely, caller, id)
      if (!approval) throw new CausewayError('not-found', `There is no approval ${id} in ${caller.environment}.`)
      // Nobody makes somebody else of himself to approve what he has asked for.
      if (approval.requestedBy === caller.actor && !isDevelopment(caller.environment))
        throw new CausewayError('own-request', `${caller.actor} has started the run that asks for this.`)
      // Or makes several of one.
      if (approval.needed > 1)
        throw new CausewayError('conflict', `${approval.needed} people must approve this, each with an account.`)
      const { person, expiresInSeconds } = body
      const expiresAt = new Date(Date.now() + expiresInSeconds * 1000)
      const actor = `${person} (by a link of ${caller.actor})`
      return reply
        .code(201)
        .send({ url: links.urlFor(caller, { id, person: actor, expiresAt }), expiresAt: expiresAt.toISOString() })
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
