import { ActOnToolReview, SubmitTool, ToolReviewDetail, ToolReviewPage, ToolReviewQuery } from '@causeway/contracts'
import * as z from 'zod'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import type { ToolReviews } from './create-tool-reviews.ts'
import { listReviews } from './store.ts'

const tags = ['tool-reviews']
const params = z.object({ id: z.string().max(100) })

/** Reviews of tools: submit, list, read, act. */
export function toolReviewRoutes(app: App, { database, reviews }: { database: Database; reviews: ToolReviews }): void {
  app.get(
    '/v1/tool-reviews',
    {
      config: { right: 'manifests:read' },
      schema: {
        tags,
        summary: 'List reviews of tools, newest first',
        querystring: ToolReviewQuery,
        response: { 200: ToolReviewPage },
      },
    },
    async ({ caller, query: { cursor, limit, ...filters } }) => {
      const before = cursor ? decodeCursor(cursor) : undefined
      return pageFrom(
        await listReviews(database.kysely, caller, filters, { before, limit: limit + 1 }),
        limit,
        encodeCursor,
      )
    },
  )

  app.post(
    '/v1/tool-reviews',
    {
      config: { right: 'manifests:write' },
      schema: {
        tags,
        summary: 'Submit a version of a tool: its checks are run, and reviewers see it',
        body: SubmitTool,
        response: { 200: ToolReviewDetail },
      },
    },
    async ({ caller, body }) => reviews.submit(caller, body),
  )

  app.get(
    '/v1/tool-reviews/:id',
    {
      config: { right: 'manifests:read' },
      schema: { tags, summary: 'Read a review, with what has changed', params, response: { 200: ToolReviewDetail } },
    },
    async ({ caller, params: { id } }) => reviews.read(caller, id),
  )

  app.post(
    '/v1/tool-reviews/:id/actions',
    {
      config: { right: 'tools:review' },
      schema: {
        tags,
        summary: 'Approve, reject or comment on a version, or take it back',
        params,
        body: ActOnToolReview,
        response: { 200: ToolReviewDetail },
      },
    },
    async ({ caller, params: { id }, body }) => reviews.act(caller, id, body),
  )
}
