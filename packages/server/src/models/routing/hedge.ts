/** Something that is under way and can be called off. */
export interface Branch<Outcome> {
  outcome: Promise<Outcome>
  abort(reason: Error): void
}

interface HedgeOptions<Outcome, Way extends Branch<Outcome>> {
  first: Way
  /** Begins the same elsewhere; undefined where that is not possible. */
  second: () => Promise<Way | undefined>
  /** Milliseconds that the first is given alone. */
  afterMs: number
  isGood: (outcome: Outcome) => boolean
  signal: AbortSignal
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

interface Hedged<Outcome, Way> {
  outcome: Outcome
  /** Those that were begun, in their order. */
  begun: Way[]
  /** The one that was called off. */
  loser: Way | undefined
}

/**
 * Waits for the first of two ways to a good outcome; the second is begun only when the first takes its time.
 * Source: Dean and Barroso, "The tail at scale", 2013, on hedged requests.
 * @throws what the ways throw, and the reason of `signal`
 */
export async function hedge<Outcome, Way extends Branch<Outcome>>(
  options: HedgeOptions<Outcome, Way>,
): Promise<Hedged<Outcome, Way>> {
  const { first, second, afterMs, isGood, signal, wait } = options
  first.outcome.catch(() => {})
  const patience = new AbortController()
  const waited = wait(afterMs, AbortSignal.any([signal, patience.signal])).then(() => undefined)
  waited.catch(() => {})
  const early = await Promise.race([first.outcome.then(outcome => ({ outcome })), waited])
  patience.abort()
  if (early) return { outcome: early.outcome, begun: [first], loser: undefined }
  const other = await second()
  if (!other) return { outcome: await first.outcome, begun: [first], loser: undefined }
  other.outcome.catch(() => {})
  const settled = [first, other].map(by => by.outcome.then(outcome => ({ by, outcome })))
  const quicker = await Promise.race(settled)
  const all = isGood(quicker.outcome) ? [quicker] : await Promise.all(settled)
  const decided = all.find(({ outcome }) => isGood(outcome)) ?? quicker
  const loser = decided.by === first ? other : first
  loser.abort(new Error('Another target was quicker.'))
  return { outcome: decided.outcome, begun: [first, other], loser }
}
