import type { Target } from '../provider-adapter.ts'

/** What a Provider manifest says about waiting, in milliseconds. The time to the first content is watched by the attempt. */
export function timeoutsOf({ spec }: Target): { connectMs?: number; idleMs?: number; firstByteMs?: number } {
  const { connect, idle, firstToken } = 'timeouts' in spec ? (spec.timeouts ?? {}) : {}
  return {
    ...(connect !== undefined && { connectMs: connect * 1000 }),
    ...(idle !== undefined && { idleMs: idle * 1000 }),
    ...(firstToken !== undefined && { firstByteMs: firstToken * 1000 }),
  }
}
