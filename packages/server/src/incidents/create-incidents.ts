import {
  CausewayError,
  type AddIncidentEntry,
  type Incident,
  type IncidentDetail,
  type IncidentEntry,
  type OpenIncident,
} from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import type * as z from 'zod'
import type { Audit } from '../audit/index.ts'
import type { Connection, Database, Scope } from '../database/index.ts'
import {
  countEntries,
  findIncident,
  insertEntry,
  insertIncident,
  listEntries,
  lockIncident,
  tellOfIncident,
  updateIncident,
} from './store.ts'

/** Who opens or changes an incident. */
export interface Reporter extends Scope {
  environment: string
  actor: string
}

/** What went wrong, and what is done about it. */
export interface Incidents {
  open(reporter: Reporter, request: z.output<typeof OpenIncident>): Promise<Incident>
  /** @throws CausewayError not-found, conflict when it has that status already, or has as many entries as it may have */
  add(reporter: Reporter, id: string, entry: AddIncidentEntry): Promise<IncidentDetail>
  /** @throws CausewayError not-found */
  get(scope: Scope, id: string): Promise<IncidentDetail>
}

/** Entries of one incident, and things that it is about. */
const entriesAtMost = 1000
const aboutAtMost = 100

export function createIncidents({ database, audit }: { database: Database; audit: Audit }): Incidents {
  const detailOf = async (connection: Connection, scope: Scope, incident: Incident): Promise<IncidentDetail> => ({
    ...incident,
    timeline: await listEntries(connection, scope, incident.id),
  })

  const note = async (
    transaction: Connection,
    { organisationId, environmentId, environment, actor }: Reporter,
    incident: Incident,
    { action, ...entry }: Omit<IncidentEntry, 'at' | 'actor'> & { action: string },
  ): Promise<void> => {
    await insertEntry(transaction, { organisationId, environmentId }, incident.id, { actor, ...entry })
    const { title, severity, status } = incident
    await audit.record(transaction, {
      organisationId,
      environment,
      actor,
      action,
      subject: incident.id,
      detail: { title, severity, status },
    })
  }

  return {
    open: (reporter, { title, severity, about, note: text = null }) =>
      database.transaction(async transaction => {
        const id = `inc_${uuid()}`
        const incident = await insertIncident(transaction, reporter, {
          id,
          title,
          severity,
          about: unique(about),
          openedBy: reporter.actor,
        })
        await note(transaction, reporter, incident, {
          action: 'incident.opened',
          note: text,
          changed: { status: 'open', severity },
        })
        await tellOfIncident(transaction, reporter, { type: 'incident-opened', ...incident })
        return incident
      }),

    add: (reporter, id, { note: text = null, ...changes }) =>
      database.transaction(async transaction => {
        const before = await lockIncident(transaction, reporter, id)
        if (!before) throw missing(id)
        if (changes.status === before.status)
          throw new CausewayError('conflict', `The incident ${id} is ${before.status} already.`)
        if ((await countEntries(transaction, reporter, id)) >= entriesAtMost)
          throw new CausewayError('conflict', `The incident ${id} has ${entriesAtMost} entries. Open another one.`)
        const incident = changed(before, changes, new Date().toISOString())
        if (incident.about.length > aboutAtMost)
          throw new CausewayError('conflict', `The incident ${id} is about ${aboutAtMost} things already.`)
        await updateIncident(transaction, reporter, incident)
        await note(transaction, reporter, incident, { action: 'incident.changed', note: text, changed: changes })
        if (changes.status === 'resolved')
          await tellOfIncident(transaction, reporter, { type: 'incident-resolved', ...incident })
        return detailOf(transaction, reporter, incident)
      }),

    async get(scope, id) {
      const incident = await findIncident(database.kysely, scope, id)
      if (!incident) throw missing(id)
      return detailOf(database.kysely, scope, incident)
    },
  }
}

function changed(before: Incident, { about = [], ...changes }: Omit<AddIncidentEntry, 'note'>, at: string): Incident {
  const { status } = changes
  const isBegun = status === 'acknowledged' || status === 'resolved'
  return {
    ...before,
    title: changes.title ?? before.title,
    severity: changes.severity ?? before.severity,
    status: status ?? before.status,
    assignee: changes.assignee === undefined ? before.assignee : changes.assignee,
    about: unique([...before.about, ...about]),
    acknowledgedAt: before.acknowledgedAt ?? (isBegun ? at : null),
    resolvedAt: status === undefined ? before.resolvedAt : status === 'resolved' ? at : null,
  }
}

const unique = (about: Incident['about']): Incident['about'] => [
  ...new Map(about.map(each => [`${each.kind}/${each.id}`, each])).values(),
]

const missing = (id: string): CausewayError =>
  new CausewayError('not-found', `There is no incident ${id} in this environment.`)
