import type { FailureClass } from '../failure-class.ts'

/**
 * Which targets are left alone for a while ("circuit breaker"). A target that fails again and again is open: it is
 * tried last. After a pause one call may try it in its place ("half-open"); it closes when a call is answered. A provider
 * that says "not so often" is in good health.
 * Source: Nygard, "Release It!", 2007, chapter 5.
 */
export interface TargetHealth {
  isOpen(target: string): boolean
  /** Notes that a call is about to be made, so that others go on leaving an open target alone until it has ended. */
  trying(target: string): void
  succeeded(target: string): void
  failed(target: string, failureClass: FailureClass): void
}

interface Entry {
  failures: number
  /** Until when the target is left alone; 0 while it is closed. */
  openUntil: number
}

const failuresToOpen = 5
const pauseMs = 10_000
const rememberedTargets = 10_000
const unhealthy: ReadonlySet<FailureClass> = new Set(['transient', 'silent', 'capacity'])

export function createTargetHealth(now: () => number): TargetHealth {
  const entries = new Map<string, Entry>()
  return {
    isOpen: target => (entries.get(target)?.openUntil ?? 0) > now(),
    trying(target) {
      const entry = entries.get(target)
      // When the call never ends, another may try after the same pause.
      if (entry && entry.openUntil > 0) entry.openUntil = now() + pauseMs
    },
    succeeded: target => void entries.delete(target),
    failed(target, failureClass) {
      if (!unhealthy.has(failureClass)) return
      if (entries.size >= rememberedTargets && !entries.has(target)) entries.clear()
      const entry = entries.get(target) ?? { failures: 0, openUntil: 0 }
      entries.set(target, entry)
      entry.failures++
      if (entry.failures >= failuresToOpen) entry.openUntil = now() + pauseMs
    },
  }
}
