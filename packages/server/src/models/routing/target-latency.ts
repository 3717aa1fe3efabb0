/** A target under a name that is the same for all routes. */
export const targetName = ({ provider, model }: { provider: string; model: string }): string => `${provider}/${model}`

/** How fast targets have been of late, by what this process has seen. */
export interface TargetLatency {
  /** Notes the time from the request to the first content. */
  observe(scope: string, target: string, milliseconds: number): void
  /** Milliseconds, a mean in which a call counts half as much after ten seconds; undefined for a target that was not called. */
  of(scope: string, target: string): number | undefined
  started(scope: string, target: string): void
  ended(scope: string, target: string): void
  /** Calls that are under way. */
  inFlight(scope: string, target: string): number
}

interface Entry {
  mean: number | undefined
  at: number
  inFlight: number
}

const halfLifeMs = 10_000
const rememberedTargets = 10_000

/**
 * An exponentially weighted moving average over time that rises at once to a slower call ("peak EWMA"), so that a
 * target that becomes slow is avoided soon. Source: Finagle's PeakEwma load balancer, https://twitter.github.io/finagle/guide/Clients.html
 */
export function createTargetLatency(now: () => number): TargetLatency {
  const entries = new Map<string, Entry>()
  const entryOf = (scope: string, target: string): Entry => {
    const key = `${scope} ${target}`
    const known = entries.get(key)
    if (known) return known
    if (entries.size >= rememberedTargets) entries.clear()
    const entry: Entry = { mean: undefined, at: now(), inFlight: 0 }
    entries.set(key, entry)
    return entry
  }
  return {
    observe(scope, target, milliseconds) {
      const entry = entryOf(scope, target)
      const { mean, at } = entry
      entry.at = now()
      if (mean === undefined || milliseconds > mean) entry.mean = milliseconds
      else {
        const weight = 2 ** (-(entry.at - at) / halfLifeMs)
        entry.mean = mean * weight + milliseconds * (1 - weight)
      }
    },
    of: (scope, target) => entries.get(`${scope} ${target}`)?.mean,
    started: (scope, target) => void entryOf(scope, target).inFlight++,
    ended(scope, target) {
      const entry = entries.get(`${scope} ${target}`)
      if (entry && entry.inFlight > 0) entry.inFlight--
    },
    inFlight: (scope, target) => entries.get(`${scope} ${target}`)?.inFlight ?? 0,
  }
}
