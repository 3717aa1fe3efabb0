import type { Label } from '@causeway/contracts'
import type { Json, Now } from './column-types.ts'

/** What agents have remembered. */
export interface MemoryTable {
  id: string
  store: string
  owner: string
  key: string | null
  body: string
  label: Json<Label>
  model_made: boolean
  person: string
  agent: string
  session_id: string
  run_id: string
  effect_key: string
  created_at: Now
  updated_at: Now
  expires_at: Date | null
}
