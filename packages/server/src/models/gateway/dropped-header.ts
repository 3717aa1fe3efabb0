import type { OutgoingHeaders } from './begun-answer.ts'
import { headerSafe } from './header-safe.ts'

/** Says which fields of the request the provider did not get. */
export const droppedHeader = (dropped: readonly string[]): OutgoingHeaders =>
  dropped.length > 0 ? { 'causeway-dropped': headerSafe(dropped.join(', ').slice(0, 1000)) } : {}
