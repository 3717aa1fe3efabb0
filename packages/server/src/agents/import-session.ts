import {
  CausewayError,
  hasEnded,
  Manifest,
  Run,
  Session,
  SessionEvent,
  type ImportedSession,
} from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import * as z from 'zod'
import type { Audit } from '../audit/index.ts'
import { insertRows, ownedBy, type Database } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import type { ManifestStore } from '../manifests/index.ts'
import { dataClassesOf } from './data-classes-of.ts'
import { insertSession } from './session-store.ts'

/** Bytes and lines of a file that is brought in. */
export const importBytesAtMost = 64 * 1024 * 1024
const eventsAtMost = 50_000

const Line = z.discriminatedUnion('kind', [
  Session.extend({ kind: z.literal('session') }),
  Run.extend({ kind: z.literal('run') }),
  z.object({ kind: z.literal('manifest'), version: z.string(), manifest: z.unknown() }),
  z.looseObject({ kind: z.literal('event') }),
])

interface SessionFile {
  session: Session
  runs: Run[]
  events: SessionEvent[]
  manifests: { version: string; manifest: Manifest }[]
}

export interface ImportDependencies {
  database: Database
  manifests: Pick<ManifestStore, 'keep'>
  audit: Audit
}

/**
 * Brings in a session that was exported, here or elsewhere, with ids of its own, so that its runs can be read, repeated and gone on from. The
 * versions of agents and tools that it names are kept, and none comes into force. What tools have said counts as untrusted: nobody here has
 * seen where it comes from. What users have said counts as said by nobody.
 * @throws CausewayError invalid-request, with the line that is wrong
 */
export async function importSession(
  { database, manifests, audit }: ImportDependencies,
  caller: Caller,
  text: string,
): Promise<ImportedSession> {
  const file = readFile(text)
  for (const each of file.manifests) {
    const { version } = await manifests.keep(caller, each.manifest)
    if (version !== each.version)
      throw new CausewayError(
        'invalid-request',
        `${each.manifest.name} is not the version ${each.version} that it says.`,
      )
  }
  const sessionId = `session_${uuid()}`
  const ids = new Map(file.runs.map(({ id }) => [id, `run_${uuid()}`]))
  await database.transaction(async transaction => {
    await insertSession(transaction, caller, {
      id: sessionId,
      agent: file.session.agent,
      agentVersion: file.session.agentVersion,
      createdBy: caller.actor,
      lastSequence: file.events.length,
      dataClasses: dataClassesOf(file.events),
    })
    await insertRows(
      transaction,
      'runs',
      file.runs.map(run => runRow(run, { caller, sessionId, id: ids.get(run.id) ?? '' })),
    )
    await insertRows(
      transaction,
      'events',
      file.events.map(({ runId, at, sequence, schemaVersion, type, data }) => ({
        ...ownedBy(caller),
        session_id: sessionId,
        sequence,
        run_id: ids.get(runId) ?? '',
        type,
        schema_version: schemaVersion,
        data: data as Record<string, unknown>,
        at: new Date(at),
      })),
    )
    await audit.record(transaction, {
      organisationId: caller.organisationId,
      environment: caller.environment,
      actor: caller.actor,
      action: 'session.imported',
      subject: sessionId,
      detail: { from: file.session.id, runs: file.runs.length, events: file.events.length },
    })
  })
  const runs = file.runs.map(({ id }) => ({ from: id, id: ids.get(id) ?? '' }))
  return { sessionId, from: file.session.id, events: file.events.length, runs }
}

/** What it has cost elsewhere stays there: it is in no books here. */
const runRow = (run: Run, { caller, sessionId, id }: { caller: Caller; sessionId: string; id: string }) => ({
  ...ownedBy(caller),
  id,
  session_id: sessionId,
  agent: run.agent,
  agent_version: run.agentVersion,
  status: run.status,
  fence: 0,
  input: run.input,
  output: run.output,
  reason: run.reason,
  message: run.message,
  limit_name: run.limit,
  limits: run.limits,
  steps: run.spent.steps,
  tool_calls: run.spent.toolCalls,
  input_tokens: run.spent.inputTokens,
  output_tokens: run.spent.outputTokens,
  nano_usd: run.spent.nanoUsd,
  worked_ms: Math.round(run.spent.seconds * 1000),
  rehearsal: run.rehearsal,
  trace_id: run.traceId,
  requested_by: run.requestedBy,
  api_key_id: caller.keyId,
  parent_run_id: null,
  parent_call_id: null,
  depth: 0,
  replay_of: null,
  priority: run.priority,
  cancel_requested_at: null,
  created_at: new Date(run.createdAt),
  updated_at: new Date(run.updatedAt),
  ended_at: new Date(run.endedAt ?? run.updatedAt),
})

function readFile(text: string): SessionFile {
  const sessions: Session[] = []
  const file: Omit<SessionFile, 'session'> = { runs: [], events: [], manifests: [] }
  for (const [index, each] of text.split('\n').entries()) {
    if (each.trim() === '') continue
    const refuse = (why: string): CausewayError => new CausewayError('invalid-request', `Line ${index + 1}: ${why}`)
    const line = parsed(each, Line, refuse)
    if (line.kind === 'session') sessions.push(line)
    else if (line.kind === 'run') file.runs.push(line)
    else if (line.kind === 'manifest')
      file.manifests.push({ ...line, manifest: check(Manifest, line.manifest, refuse) })
    else file.events.push(untrusted(check(SessionEvent, line, refuse)))
    if (file.events.length > eventsAtMost) throw refuse(`a session has at most ${eventsAtMost} events`)
  }
  const [session, another] = sessions
  if (!session || another) throw new CausewayError('invalid-request', 'The file must have one session.')
  requireWhole(session, file)
  return { session, ...file }
}

/** Whether nothing is missing that a fold over the log would need. */
function requireWhole(session: Session, { runs, events }: Omit<SessionFile, 'session'>): void {
  const known = new Set(runs.map(({ id }) => id))
  const open = runs.find(({ status }) => !hasEnded(status))
  if (open) throw new CausewayError('conflict', `The run ${open.id} had not ended when it was exported.`)
  const foreign = runs.find(({ sessionId }) => sessionId !== session.id)
  if (foreign) throw new CausewayError('invalid-request', `The run ${foreign.id} is of another session.`)
  const gap = events.findIndex(({ sequence, runId }, index) => sequence !== index + 1 || !known.has(runId))
  if (gap >= 0)
    throw new CausewayError('invalid-request', `Event ${gap + 1} is missing, or is of a run that is not in the file.`)
}

/** What is trusted, and what a user has said, must not be taken from a file. */
function untrusted(event: SessionEvent): SessionEvent {
  if (event.type === 'run-created') {
    // The file has no attachments, and may not name those of somebody else.
    const { attachments: _attachments, ...data } = event.data
    return { ...event, data: { ...data, imported: true } }
  }
  if (event.type !== 'tool-responded') return event
  const { label, parts: _parts, ...data } = event.data
  const { dataClasses } = label ?? {}
  if (!dataClasses) return { ...event, data }
  // What only restricts can be believed.
  return {
    ...event,
    data: { ...data, label: { integrity: 'untrusted', readers: '*', origins: [data.tool], dataClasses } },
  }
}

function parsed<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  refuse: (why: string) => Error,
): z.infer<Schema> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse('this is no JSON')
  }
  return check(schema, value, refuse)
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  refuse: (why: string) => Error,
): z.infer<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw refuse(`${issue?.path.join('/') || 'the object'}: ${issue?.message ?? 'cannot be read'}`)
}
