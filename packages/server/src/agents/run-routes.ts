import {
  AddNote,
  AnswerRun,
  attachmentsBytesAtMost,
  CausewayError,
  CreateRun,
  ReplayComparison,
  ReplayRun,
  Run,
  RunContext,
  RunPage,
  RunQuery,
} from '@causeway/contracts'
import * as z from 'zod'
import type { Approvals } from '../approvals/index.ts'
import {
  decodeCursor,
  departureOf,
  encodeCursor,
  openEventStream,
  pageFrom,
  traceContextOf,
  type App,
} from '../http/index.ts'
import { addNote } from './add-note.ts'
import { findAttachments } from './attachment-store.ts'
import { answerQuestion } from './answer-question.ts'
import { cancelRun } from './cancel-run.ts'
import { contextAt } from './context-at.ts'
import { createRun, type CreateRunDependencies } from './create-run.ts'
import { streamEvents, type EventSource } from './event-source.ts'
import { firstDivergence } from './divergence.ts'
import { logRoute } from './log-routes.ts'
import { readWholeSession } from './read-session.ts'
import { replayRun } from './replay-run.ts'
import { findRun, listRuns } from './run-store.ts'
import { settledRun } from './settled-run.ts'

const params = z.object({ id: z.string().max(100) })
const tags = ['runs']

/** Longest time that a request with `wait` is held open, in milliseconds; the run goes on after it. */
const waitAtMostMs = 600_000

/** Bytes of a request for a run: its attachments in base64, and what is beside them. */
const createBytesAtMost = Math.ceil(attachmentsBytesAtMost / 3) * 4 + 2 * 1024 * 1024

export interface RunRouteDependencies extends CreateRunDependencies, EventSource {
  approvals: Approvals
}

/** Runs: create, read, list, cancel, and their events. */
export function runRoutes(app: App, dependencies: RunRouteDependencies): void {
  const { database } = dependencies

  app.post(
    '/v1/runs',
    {
      bodyLimit: createBytesAtMost,
      config: { right: 'runs:write' },
      schema: {
        tags,
        summary:
          'Start a run; with "stream" the answer is its events, with "wait" the run when it has ended or waits for a person',
        headers: z
          .object({
            'idempotency-key': z.string().min(1).max(255).optional(),
            traceparent: z.string().optional().describe('the trace that the run belongs to (W3C Trace Context)'),
          })
          .loose(),
        body: CreateRun,
        response: { 200: Run, 201: Run },
      },
    },
    async (request, reply) => {
      const { caller, body, headers } = request
      const run = await createRun(dependencies, caller, body, headers['idempotency-key'], {
        trace: traceContextOf(headers),
      })
      if (body.stream) {
        await streamEvents(dependencies, openEventStream(request, reply), caller, {
          sessionId: run.sessionId,
          runId: run.id,
          after: 0,
        })
        return reply
      }
      if (!body.wait) return reply.code(201).send(run)
      const signal = AbortSignal.any([AbortSignal.timeout(waitAtMostMs), departureOf(reply)])
      return reply.code(200).send(await settledRun(dependencies, caller, run, signal))
    },
  )

  app.get(
    '/v1/attachments/:id',
    {
      config: { right: 'runs:read' },
      schema: { tags, summary: 'The bytes of an attachment', params: z.object({ id: z.string().max(100) }) },
    },
    async ({ caller, params: { id } }, reply) => {
      const found = (await findAttachments(database.kysely, caller, [id])).get(id)
      if (!found) throw new CausewayError('not-found', `There is no attachment ${id} in ${caller.environment}.`)
      // It is saved and never shown by itself: it may be a page.
      return reply
        .type(found.mediaType)
        .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(found.name)}`)
        .send(Buffer.from(found.data, 'base64'))
    },
  )

  app.get(
    '/v1/runs',
    {
      config: { right: 'runs:read' },
      schema: { tags, summary: 'List runs, newest first', querystring: RunQuery, response: { 200: RunPage } },
    },
    async ({ caller, query: { cursor, limit, ...filters } }) => {
      const before = cursor ? decodeCursor(cursor) : undefined
      return pageFrom(
        await listRuns(database.kysely, caller, filters, { before, limit: limit + 1 }),
        limit,
        encodeCursor,
      )
    },
  )

  app.get(
    '/v1/runs/:id',
    { config: { right: 'runs:read' }, schema: { tags, summary: 'Read a run', params, response: { 200: Run } } },
    async ({ caller, params: { id } }) => existing(await findRun(database.kysely, caller, id), id),
  )

  app.post(
    '/v1/runs/:id/cancel',
    { config: { right: 'runs:write' }, schema: { tags, summary: 'Stop a run', params, response: { 200: Run } } },
    async ({ caller, params: { id } }) => cancelRun(dependencies, caller, id),
  )

  app.post(
    '/v1/runs/:id/notes',
    {
      config: { right: 'runs:write' },
      schema: {
        tags,
        summary: 'Leave a note for those who look at the run; no model is told',
        params,
        body: AddNote,
        response: { 201: Run },
      },
    },
    async ({ caller, params: { id }, body }, reply) =>
      reply.code(201).send(await addNote(dependencies, caller, id, body)),
  )

  app.post(
    '/v1/runs/:id/answers',
    {
      config: { right: 'runs:write' },
      schema: {
        tags,
        summary: 'Answer what a run asks its user; it goes on with that',
        params,
        body: AnswerRun,
        response: { 200: Run },
      },
    },
    async ({ caller, params: { id }, body }) => answerQuestion(dependencies, caller, id, body),
  )

  app.post(
    '/v1/runs/:id/replay',
    {
      config: { right: 'runs:write' },
      schema: {
        tags,
        summary: 'Repeat a run against another version, route or instructions; no tool is called',
        params,
        body: ReplayRun,
        response: { 201: Run },
      },
    },
    async ({ caller, params: { id }, body }, reply) =>
      reply.code(201).send(await replayRun(dependencies, caller, id, body)),
  )

  app.get(
    '/v1/runs/:id/divergence',
    {
      config: { right: 'runs:read' },
      schema: {
        tags,
        summary: 'Where a replay does something else than the run that it repeats',
        params,
        response: { 200: ReplayComparison },
      },
    },
    async ({ caller, params: { id } }) => {
      const replay = existing(await findRun(database.kysely, caller, id), id)
      if (replay.replayOf === null) throw new CausewayError('not-found', `The run ${id} repeats no other.`)
      const original = existing(await findRun(database.kysely, caller, replay.replayOf), replay.replayOf)
      const [before, after] = await Promise.all(
        [original, replay].map(async run =>
          (await readWholeSession(database.kysely, caller, run.sessionId)).filter(({ runId }) => runId === run.id),
        ),
      )
      return { original: original.id, replay: id, divergence: firstDivergence(before ?? [], after ?? []) }
    },
  )

  app.get(
    '/v1/runs/:id/context',
    {
      config: { right: 'runs:read' },
      schema: {
        tags,
        summary: 'What the model was sent at a step of a run, as the log says it',
        params,
        querystring: z.object({ step: z.coerce.number().int().min(1).max(10_000) }),
        response: { 200: RunContext },
      },
    },
    async ({ caller, params: { id }, query: { step } }) =>
      contextAt(dependencies, caller, existing(await findRun(database.kysely, caller, id), id), step),
  )

  logRoute(app, dependencies, {
    url: '/v1/runs/:id/events',
    tags,
    summary:
      'Read the events of a run; with Accept: text/event-stream, or as a WebSocket, follow them until the run ends, from Last-Event-ID or after',
    logOf: async (caller, id) => {
      const { sessionId } = existing(await findRun(database.kysely, caller, id), id)
      return { sessionId, runId: id }
    },
  })
}

function existing(run: Run | undefined, id: string): Run {
  if (!run) throw new CausewayError('not-found', `There is no run ${id} here.`)
  return run
}
