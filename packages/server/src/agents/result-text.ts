import type { EventData } from '@causeway/contracts'
import canonicalize from 'canonicalize'

/** What a model is told of a result. */
export function resultText({ outcome, output, error, handle }: EventData<'tool-responded'>): string {
  if (handle) return handle.told
  // In one order of keys: the database keeps another than the tool wrote, and a run that goes on elsewhere must send the same.
  if (outcome === 'completed') return typeof output === 'string' ? output : (canonicalize(output ?? null) ?? 'null')
  const warning = outcome === 'unknown' ? ' It is not known whether the call took effect; do not repeat it.' : ''
  return `${error?.code ?? 'tool-failed'}: ${error?.message ?? 'the tool failed'}${warning}`
}
