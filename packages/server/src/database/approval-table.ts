import type { ApprovalStatus, Decision, EditedCall } from '@causeway/contracts'
import type { Generated } from 'kysely'
import type { Json, Now } from './column-types.ts'

/** Calls that wait for a person, and what was said of them. */
export interface ApprovalTable {
  id: string
  run_id: string
  session_id: string
  agent: string
  call_id: string
  tool: string
  tool_version: string
  arguments: Json<Record<string, unknown>>
  binding: string
  decision: Json<Decision>
  requested_by: string
  status: ApprovalStatus
  created_at: Now
  expires_at: Date
  decided_at: Date | null
  decided_by: string | null
  comment: string | null
  escalates_at: Date | null
  escalated_at: Date | null
  needed: Generated<number>
  approved_by: Generated<string[]>
  edited: Json<EditedCall> | null
  assigned_to: string | null
}
