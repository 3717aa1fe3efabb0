import { randomFillSync } from 'node:crypto'

// To ask the system for a few bytes costs as much as to ask it for many.
const pool = Buffer.alloc(4096)
let used = pool.length

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.toString('hex', used - bytes, used)
}

/** A new trace id: 16 random bytes in hexadecimal (W3C Trace Context). */
export const newTraceId = (): string => randomHex(16)

/** A new span id: 8 random bytes in hexadecimal (W3C Trace Context). */
export const newSpanId = (): string => randomHex(8)
