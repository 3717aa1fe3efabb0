import { CausewayError, type AnswerRun, type Question, type Run } from '@causeway/contracts'
import type { Connection, Database, Scope } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import type { Jobs } from '../jobs/index.ts'
import { appendEvents } from './event-log-store.ts'
import { SessionFold } from './fold-session.ts'
import { readWholeSession } from './read-session.ts'
import { resumeIfWaiting } from './resume-if-waiting.ts'
import { findRun, lockRun } from './run-store.ts'

/**
 * Answers what a run has asked its user, and lets it go on. What is answered counts as said by the user.
 * @throws CausewayError not-found, conflict where nothing is asked, or several questions are and none is named
 */
export async function answerQuestion(
  { database, jobs }: { database: Database; jobs: Jobs },
  caller: Caller,
  runId: string,
  { answer, callId }: AnswerRun,
): Promise<Run> {
  await database.transaction(async transaction => {
    const run = await lockRun(transaction, caller, runId)
    if (!run) throw missing(runId, caller)
    const fold = new SessionFold(runId)
    for (const event of await readWholeSession(transaction, caller, run.sessionId)) fold.add(event)
    const open = fold.state().calls.flatMap(({ question, settled }) => (question && !settled ? [question] : []))
    const [asked, other] = callId === undefined ? open : open.filter(each => each.callId === callId)
    if (!asked)
      throw new CausewayError('conflict', `The run ${runId} asks nothing${callId ? ` with the call ${callId}` : ''}.`)
    if (other)
      throw new CausewayError(
        'conflict',
        `The run asks several things; name one: ${open.map(each => each.callId).join(', ')}.`,
      )
    const data = { callId: asked.callId, tool: asked.tool, answer, answeredBy: caller.actor }
    await appendEvents(transaction, { runId, fence: null, events: [{ type: 'question-answered', data }] })
    await resumeIfWaiting(transaction, { jobs }, caller, runId)
  })
  const run = await findRun(database.kysely, caller, runId)
  if (!run) throw missing(runId, caller)
  return run
}

/** What a run asks its user; the first of several. */
export async function openQuestion(
  connection: Connection,
  scope: Scope,
  { id, sessionId }: Pick<Run, 'id' | 'sessionId'>,
): Promise<Question | undefined> {
  const fold = new SessionFold(id)
  for (const event of await readWholeSession(connection, scope, sessionId)) fold.add(event)
  return fold.state().calls.find(({ question, settled }) => question && !settled)?.question
}

const missing = (runId: string, { environment }: Caller): CausewayError =>
  new CausewayError('not-found', `There is no run ${runId} in ${environment}.`)
