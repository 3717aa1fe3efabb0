import { CausewayError, type AddNote, type Run } from '@causeway/contracts'
import type { Database } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import { appendEvents, FencedError } from './event-log-store.ts'
import { findRun } from './run-store.ts'

/** Puts a note of a person into the log of a run that has not ended. @throws CausewayError not-found, conflict */
export async function addNote(
  { database }: { database: Database },
  caller: Caller,
  runId: string,
  { text }: AddNote,
): Promise<Run> {
  const run = await findRun(database.kysely, caller, runId)
  if (!run) throw new CausewayError('not-found', `There is no run ${runId} in ${caller.environment}.`)
  try {
    const data = { text, by: caller.actor }
    await appendEvents(database.kysely, { runId, fence: null, events: [{ type: 'note-added', data }] })
  } catch (error) {
    if (!(error instanceof FencedError)) throw error
    throw new CausewayError('conflict', `The run ${runId} has ended; its log is closed.`, { cause: error })
  }
  return run
}
