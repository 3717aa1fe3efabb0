import type { Incident, IncidentAlert, IncidentEntry } from '@causeway/contracts'
import { sql, type Selectable } from 'kysely'
import { inScope, ownedBy, tellWebhooksOfAlert, type Connection, type Scope, type Tables } from '../database/index.ts'

type Row = Omit<Selectable<Tables['incidents']>, 'organisation_id' | 'environment_id'>

const columns = [
  'id',
  'title',
  'severity',
  'status',
  'about',
  'assignee',
  'opened_by',
  'opened_at',
  'acknowledged_at',
  'resolved_at',
] as const

const toIncident = (row: Row): Incident => ({
  id: row.id,
  title: row.title,
  severity: row.severity,
  status: row.status,
  about: row.about,
  assignee: row.assignee,
  openedBy: row.opened_by,
  openedAt: row.opened_at.toISOString(),
  acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
  resolvedAt: row.resolved_at?.toISOString() ?? null,
})

export async function insertIncident(
  connection: Connection,
  scope: Scope,
  { id, title, severity, about, openedBy }: Pick<Incident, 'id' | 'title' | 'severity' | 'about' | 'openedBy'>,
): Promise<Incident> {
  const row = await connection
    .insertInto('incidents')
    .values({
      ...ownedBy(scope),
      id,
      title,
      severity,
      status: 'open',
      about: JSON.stringify(about),
      assignee: null,
      opened_by: openedBy,
      acknowledged_at: null,
      resolved_at: null,
    })
    .returning(columns)
    .executeTakeFirstOrThrow()
  return toIncident(row)
}

const oneIncident = (connection: Connection, scope: Scope, id: string) =>
  connection.selectFrom('incidents').select(columns).where(inScope(scope)).where('id', '=', id)

/** An incident that nobody else changes until the transaction ends. */
export async function lockIncident(connection: Connection, scope: Scope, id: string): Promise<Incident | undefined> {
  const row = await oneIncident(connection, scope, id).forUpdate().executeTakeFirst()
  return row && toIncident(row)
}

export async function updateIncident(connection: Connection, scope: Scope, incident: Incident): Promise<void> {
  const instant = (text: string | null): Date | null => (text === null ? null : new Date(text))
  await connection
    .updateTable('incidents')
    .set({
      title: incident.title,
      severity: incident.severity,
      status: incident.status,
      about: JSON.stringify(incident.about),
      assignee: incident.assignee,
      acknowledged_at: instant(incident.acknowledgedAt),
      resolved_at: instant(incident.resolvedAt),
    })
    .where(inScope(scope))
    .where('id', '=', incident.id)
    .execute()
}

/** Adds an entry to the timeline of an incident that is locked, or new. */
export async function insertEntry(
  connection: Connection,
  scope: Scope,
  incidentId: string,
  { actor, note, changed }: Omit<IncidentEntry, 'at'>,
): Promise<void> {
  await sql`
    insert into incident_entries (organisation_id, environment_id, incident_id, sequence, actor, note, changed)
    select ${scope.organisationId}, ${scope.environmentId}, ${incidentId}, coalesce(max(sequence), 0) + 1, ${actor}, ${note}::text,
      ${JSON.stringify(changed)}::jsonb
    from incident_entries where organisation_id = ${scope.organisationId} and environment_id = ${scope.environmentId}
      and incident_id = ${incidentId}`.execute(connection)
}

export async function findIncident(connection: Connection, scope: Scope, id: string): Promise<Incident | undefined> {
  const row = await oneIncident(connection, scope, id).executeTakeFirst()
  return row && toIncident(row)
}

/** The timeline of an incident, the oldest first. */
export async function listEntries(connection: Connection, scope: Scope, incidentId: string): Promise<IncidentEntry[]> {
  const rows = await connection
    .selectFrom('incident_entries')
    .select(['at', 'actor', 'note', 'changed'])
    .where(inScope(scope))
    .where('incident_id', '=', incidentId)
    .orderBy('sequence')
    .execute()
  return rows.map(({ at, ...entry }) => ({ at: at.toISOString(), ...entry }))
}

/** How many entries an incident has. */
export async function countEntries(connection: Connection, scope: Scope, incidentId: string): Promise<number> {
  const { count } = await connection
    .selectFrom('incident_entries')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(inScope(scope))
    .where('incident_id', '=', incidentId)
    .executeTakeFirstOrThrow()
  return count
}

interface Filters {
  status?: Incident['status'] | undefined
  severity?: Incident['severity'] | undefined
  about?: string | undefined
}

/** Incidents, newest first. */
export async function listIncidents(
  connection: Connection,
  scope: Scope,
  { status, severity, about }: Filters,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<Incident[]> {
  let query = connection
    .selectFrom('incidents')
    .select(columns)
    .where(inScope(scope))
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  if (status !== undefined) query = query.where('status', '=', status)
  if (severity !== undefined) query = query.where('severity', '=', severity)
  if (about !== undefined) query = query.where(sql<boolean>`about @> ${JSON.stringify([{ id: about }])}::jsonb`)
  return (await query.execute()).map(toIncident)
}

/** A message to each webhook in force that asks for such news. */
export async function tellOfIncident(
  connection: Connection,
  scope: Scope,
  { type, ...payload }: IncidentAlert,
): Promise<void> {
  await sql`with alert as (select ${type}::text as type) ${tellWebhooksOfAlert(scope, payload)}`.execute(connection)
}
