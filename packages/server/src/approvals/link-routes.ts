import { CausewayError } from '@causeway/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { App } from '../http/index.ts'
import type { ApprovalLinks } from './approval-links.ts'
import { approvalPage, deadLinkPage } from './approval-page.ts'
import type { Approvals } from './create-approvals.ts'

/** Where people decide who have no account. The address is the credential; to open it decides nothing. */
export function linkRoutes(app: App, { approvals, links }: { approvals: Approvals; links: ApprovalLinks }): void {
  const page = (reply: FastifyReply, status: number, html: string): FastifyReply =>
    reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html)
  const schema = { hide: true, params: z.object({ token: z.string().max(2000) }) }
  const tokenOf = ({ params }: FastifyRequest): string => schema.params.parse(params).token

  app.register(async forms => {
    // Whoever opens an address is a person with a browser.
    forms.setErrorHandler((error, _request, reply) => {
      if (!(error instanceof CausewayError) || error.code !== 'not-found') throw error
      return page(reply, error.status, deadLinkPage(error.message))
    })
    forms.get('/approve/:token', { config: { public: true }, schema }, async (request, reply) =>
      page(reply, 200, approvalPage((await links.read(tokenOf(request))).approval)),
    )
    forms.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 20_000 },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    )
    forms.post('/approve/:token', { config: { public: true }, schema }, async (request, reply) => {
      const token = tokenOf(request)
      const { decider, approval } = await links.read(token)
      const answer = Answer.safeParse(request.body)
      if (!answer.success)
        return page(reply, 400, approvalPage(approval, { problem: 'Say whether to approve or to deny.' }))
      const { outcome, comment } = answer.data
      try {
        const decided = await approvals.decide(decider, approval.id, { outcome, ...(comment && { comment }) })
        return page(reply, 200, approvalPage(decided))
      } catch (error) {
        if (!(error instanceof CausewayError) || error.status >= 500) throw error
        return page(reply, error.status, approvalPage((await links.read(token)).approval, { problem: error.message }))
      }
    })
  })
}

const Answer = z.object({ outcome: z.enum(['approve', 'deny']), comment: z.string().max(4000).optional() })
