import { randomBytes } from 'node:crypto'

/** A new trace id: 16 random bytes in hexadecimal (W3C Trace Context). */
export const newTraceId = (): string => randomBytes(16).toString('hex')

/** A new span id: 8 random bytes in hexadecimal (W3C Trace Context). */
export const newSpanId = (): string => randomBytes(8).toString('hex')
