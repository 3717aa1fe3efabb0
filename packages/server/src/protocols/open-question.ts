import { answerQuestion, findSession, listRuns, type CreateRunDependencies } from '../agents/index.ts'
import { CausewayError, type Run } from '@causeway/contracts'
import type { Caller } from '../identity/index.ts'

/**
 * Takes what the user says as the answer to what the last run of a session asks.
 * @returns the run, and how far its log went before; undefined where nothing is asked
 */
export async function answerInSession(
  dependencies: CreateRunDependencies,
  caller: Caller,
  { agent, sessionId, answer }: { agent: string; sessionId: string; answer: string },
): Promise<{ run: Run; after: number } | undefined> {
  const { kysely } = dependencies.database
  const [run] = await listRuns(kysely, caller, { sessionId }, { before: undefined, limit: 1 })
  if (run?.status !== 'waiting' || run.agent !== agent) return undefined
  const after = (await findSession(kysely, caller, sessionId))?.lastSequence ?? 0
  try {
    return { run: await answerQuestion(dependencies, caller, run.id, { answer }), after }
  } catch (error) {
    // It waits for something else: the request is one like any other.
    if (error instanceof CausewayError && error.code === 'conflict') return undefined
    throw error
  }
}
