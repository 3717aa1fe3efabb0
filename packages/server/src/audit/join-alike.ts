import type { AuditRecord } from './create-audit.ts'

/**
 * Joins records that differ in nothing but their time into one each, which says how many they are: `calls`, and `until` when
 * the last one was. Many requests in the same moment would else fill the log with what is the same each time.
 */
export function joinAlike(records: readonly AuditRecord[]): AuditRecord[] {
  const joined = new Map<string, { first: AuditRecord; calls: number; until: Date | undefined }>()
  for (const record of records) {
    const { at, ...said } = record
    const key = JSON.stringify(said)
    const known = joined.get(key)
    if (known) Object.assign(known, { calls: known.calls + 1, until: at })
    else joined.set(key, { first: record, calls: 1, until: undefined })
  }
  return [...joined.values()].map(({ first, calls, until }) => ({
    ...first,
    detail: { ...first.detail, calls, ...(until && { until: until.toISOString() }) },
  }))
}
