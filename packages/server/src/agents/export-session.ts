import type { Session, SessionEvent } from '@causeway/contracts'
import type { Connection, Scope } from '../database/index.ts'
import type { Manifests } from '../manifests/index.ts'
import { listRuns } from './run-store.ts'
import { readEvents } from './session-store.ts'

const pageLength = 200

/**
 * The lines of a file with all that is kept of a session: itself, its runs from the newest on, its events in order, and the versions of agents and
 * tools that they name, so that it can be repeated where these have never been.
 */
export async function* exportOf(
  { connection, manifests }: { connection: Connection; manifests: Manifests },
  scope: Scope,
  session: Session,
): AsyncGenerator<string> {
  const sessionId = session.id
  const named = new Map<string, NamedVersion>()
  const name = (version: NamedVersion): void =>
    void named.set(`${version.kind} ${version.name} ${version.version}`, version)
  name({ kind: 'Agent', name: session.agent, version: session.agentVersion })
  yield line('session', session)
  for (let before: string | undefined; ;) {
    const runs = await listRuns(connection, scope, { sessionId }, { before, limit: pageLength })
    for (const run of runs) yield line('run', run)
    if (runs.length < pageLength) break
    before = runs.at(-1)?.id
  }
  for (let after = 0; ;) {
    const events = await readEvents(connection, scope, { sessionId, after, limit: pageLength })
    for (const event of events) {
      for (const version of versionsIn(event)) name(version)
      yield line('event', event)
    }
    if (events.length < pageLength) break
    after = events.at(-1)?.sequence ?? after
  }
  for (const { kind, name: of, version } of named.values()) {
    const manifest = await manifests.version(scope, kind, of, version)
    if (manifest) yield line('manifest', { version, manifest })
  }
}

interface NamedVersion {
  kind: 'Agent' | 'Tool'
  name: string
  version: string
}

function versionsIn({ type, data }: SessionEvent): NamedVersion[] {
  if (type === 'run-created' || type === 'handed-off')
    return [{ kind: 'Agent', name: data.agent, version: data.agentVersion }]
  return type === 'tool-called' ? [{ kind: 'Tool', name: data.tool, version: data.toolVersion }] : []
}

const line = (kind: 'session' | 'run' | 'event' | 'manifest', value: object): string =>
  `${JSON.stringify({ kind, ...value })}\n`
