import type { BudgetSpec } from '@causeway/contracts'

/** A span of time in which what is used is counted. Windows begin at the full minute, hour, day or month of UTC. */
export interface BudgetWindow {
  start: Date
  end: Date
}

export function windowAt(kind: BudgetSpec['window'], at: Date): BudgetWindow {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  switch (kind) {
    case 'minute':
      return spanOf(60_000, at)
    case 'hour':
      return spanOf(3_600_000, at)
    case 'day':
      return { start: new Date(Date.UTC(year, month, day)), end: new Date(Date.UTC(year, month, day + 1)) }
    case 'month':
      return { start: new Date(Date.UTC(year, month)), end: new Date(Date.UTC(year, month + 1)) }
  }
}

/** Spans that divide a day begin with the day of UTC, as the time since 1970 does. */
function spanOf(milliseconds: number, at: Date): BudgetWindow {
  const start = Math.floor(at.getTime() / milliseconds) * milliseconds
  return { start: new Date(start), end: new Date(start + milliseconds) }
}
