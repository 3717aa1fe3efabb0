import { CausewayError, type GuardrailFinding } from '@causeway/contracts'
import { mapStrings } from './map-strings.ts'
import type { Looked } from './create-guardrails.ts'
import { matchesIn, redacted } from './matches-in.ts'

/** What guardrails have found in what a tool has answered. */
export interface GuardedResult<Value> {
  /** What may be recorded and read by others. */
  value: Value
  findings: GuardrailFinding[]
  /** Why nobody may have it; undefined where they may. */
  withheld?: string
}

/** Looks into all texts of an answer, with the names of its members and its long numbers. */
export function guardResult<Value>(value: Value, { watches, unseen }: Looked): GuardedResult<Value> {
  if (unseen !== undefined) return { value, findings: [], withheld: unseen }
  if (watches.length === 0) return { value, findings: [] }
  const counts = new Map<string, GuardrailFinding>()
  const look = (text: string): string => {
    const matches = matchesIn(text, watches)
    for (const { guardrail, detector, action } of matches) {
      const key = `${guardrail} ${detector}`
      const finding = counts.get(key) ?? { guardrail, detector, at: 'result', action, count: 0 }
      counts.set(key, { ...finding, count: finding.count + 1 })
    }
    return redacted(text, matches)
  }
  try {
    const allowed = mapStrings(value, look)
    const findings = [...counts.values()]
    const blocking = findings.find(({ action }) => action === 'block')
    if (!blocking) return { value: allowed, findings }
    const { guardrail, detector } = blocking
    return { value, findings, withheld: `the guardrail "${guardrail}" keeps it back, since it has a ${detector}` }
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error
    return { value, findings: [...counts.values()], withheld: 'it is nested too deep to be looked into' }
  }
}
