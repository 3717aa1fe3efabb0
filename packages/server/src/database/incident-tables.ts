import type { IncidentEntry, IncidentSeverity, IncidentStatus, IncidentSubject } from '@causeway/contracts'
import type { Json, Now } from './column-types.ts'

/** Something that went wrong. */
export interface IncidentTable {
  id: string
  title: string
  severity: IncidentSeverity
  status: IncidentStatus
  about: Json<IncidentSubject[]>
  assignee: string | null
  opened_by: string
  opened_at: Now
  acknowledged_at: Date | null
  resolved_at: Date | null
}

/** What was done about it. */
export interface IncidentEntryTable {
  incident_id: string
  sequence: number
  at: Now
  actor: string
  note: string | null
  changed: Json<IncidentEntry['changed']>
}
