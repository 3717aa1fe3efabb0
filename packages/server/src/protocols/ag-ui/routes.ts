import { createHash } from 'node:crypto'
import { CausewayError, hasEnded, type Run } from '@causeway/contracts'
import * as z from 'zod'
import {
  cancelRun,
  createRun,
  ensureAgentSession,
  findRun,
  findSession,
  listRuns,
  type CreateRunDependencies,
  type EventSource,
} from '../../agents/index.ts'
import { listApprovals, type Approvals } from '../../approvals/index.ts'
import { openEventStream, traceContextOf, type App, type TraceContext } from '../../http/index.ts'
import { requireRight, type Caller } from '../../identity/index.ts'
import { answerInSession } from '../open-question.ts'
import { eventsOfRun } from './events-of-run.ts'

interface AgUiDependencies extends CreateRunDependencies, EventSource {
  approvals: Approvals
}

const Content = z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
const Answer = z.looseObject({ approved: z.boolean().default(false), comment: z.string().max(4000).optional() })

/** What of the input of AG-UI 1.0 an agent needs. Tools of the page, its state and its context are not for an agent that is governed. */
const RunAgentInput = z.looseObject({
  threadId: z.string().min(1).max(200),
  runId: z.string().min(1).max(200),
  messages: z.array(z.looseObject({ role: z.string(), content: Content.optional() })).max(2000),
  resume: z
    .array(
      z.looseObject({
        interruptId: z.string().max(100),
        status: z.string().optional(),
        payload: Answer.optional(),
      }),
    )
    .max(100)
    .optional(),
})
type RunAgentInput = z.infer<typeof RunAgentInput>

/** An agent over AG-UI 1.0: a run for each request, in the session of the thread. */
export function agUiRoutes(app: App, dependencies: AgUiDependencies): void {
  app.post(
    '/v1/agents/:name/ag-ui',
    {
      bodyLimit: 4 * 1024 * 1024,
      config: { right: 'runs:write' },
      schema: {
        tags: ['protocols'],
        summary: 'The agent over AG-UI: a run and its events',
        params: z.object({ name: z.string().max(63) }),
        body: RunAgentInput,
      },
    },
    async (request, reply) => {
      const { caller, params, body } = request
      const { threadId, runId, resume = [] } = body
      const sessionId = sessionOf(caller, params.name, threadId)
      const { run, after } =
        resume.length > 0
          ? await resumed(dependencies, caller, sessionId, resume)
          : await begun(dependencies, caller, {
              agent: params.name,
              sessionId,
              body,
              trace: traceContextOf(request.headers),
            })
      const stream = openEventStream(request, reply)
      const log = dependencies.watch(caller, { sessionId, runId: run.id, after, signal: stream.signal })
      const pending = () =>
        listApprovals(
          dependencies.database.kysely,
          caller,
          { runId: run.id, status: 'pending' },
          { before: undefined, limit: 100 },
        )
      for await (const event of eventsOfRun(log, { threadId, runId, pending }))
        await stream.send({ event: 'message', data: event })
      stream.end()
      // Who has left does not want the rest.
      const now = stream.signal.aborted ? await findRun(dependencies.database.kysely, caller, run.id) : undefined
      if (now && !hasEnded(now.status) && now.status !== 'waiting') await cancelRun(dependencies, caller, run.id)
      return reply
    },
  )
}

async function begun(
  dependencies: AgUiDependencies,
  caller: Caller,
  {
    agent,
    sessionId,
    body,
    trace,
  }: { agent: string; sessionId: string; body: RunAgentInput; trace: TraceContext | undefined },
): Promise<{ run: Run; after: number }> {
  const last = body.messages.at(-1)
  const content = last?.role === 'user' ? last.content : undefined
  const input = typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('')
  if (input === '')
    throw new CausewayError('invalid-request', 'The last message is to be one of the user, with a text.', {
      problems: [{ pointer: '/messages', message: 'expected a message of the user at the end' }],
    })
  await ensureAgentSession(dependencies, caller, { agent, sessionId })
  return (
    (await answerInSession(dependencies, caller, { agent, sessionId, answer: input })) ?? {
      run: await createRun(dependencies, caller, { agent, sessionId, input }, undefined, { trace }),
      after: 0,
    }
  )
}

/** Answers what the last run of the thread asks, and goes on with it. */
async function resumed(
  dependencies: AgUiDependencies,
  caller: Caller,
  sessionId: string,
  answers: NonNullable<RunAgentInput['resume']>,
): Promise<{ run: Run; after: number }> {
  requireRight(caller, 'approvals:decide')
  const { kysely } = dependencies.database
  const [run] = await listRuns(kysely, caller, { sessionId }, { before: undefined, limit: 1 })
  if (run?.status !== 'waiting') throw new CausewayError('conflict', 'Nothing in this thread waits for an answer.')
  const after = (await findSession(kysely, caller, sessionId))?.lastSequence ?? 0
  for (const { interruptId, status, payload } of answers) {
    const { approved = false, comment } = payload ?? {}
    const outcome = approved && status !== 'cancelled' ? 'approve' : 'deny'
    await dependencies.approvals.decide(caller, interruptId, { outcome, ...(comment !== undefined && { comment }) })
  }
  return { run, after }
}

/** Threads are named by clients, so each key has its own. */
function sessionOf({ environmentId, keyId }: Caller, agent: string, threadId: string): string {
  const name = createHash('sha256')
    .update(JSON.stringify([environmentId, keyId, agent, threadId]))
    .digest('hex')
  return `session_agui-${name.slice(0, 32)}`
}
