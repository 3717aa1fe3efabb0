import type { GuardrailFinding } from '@causeway/contracts'

const deeds = { redact: 'redacted', block: 'blocked', classify: 'found', flag: 'found' } as const

/** What a guardrail did, in a few words. */
export const foundText = ({ guardrail, detector, at, action, count }: GuardrailFinding): string =>
  `${guardrail} ${deeds[action]} ${count} × ${detector} in the ${at}`
