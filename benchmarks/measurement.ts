/** One figure of a benchmark; printed as one JSON object a line. */
export interface Measurement {
  bench: string
  case: string
  metric: string
  value: number
  unit: string
  /** What it is compared with, from the same run. */
  against: string | null
  /** value ÷ value of what it is compared with. */
  ratio: number | null
  /** How many values it was taken from. */
  runs: number
}

/** A figure that is compared with none. */
export const figureAlone = (measured: Omit<Measurement, 'against' | 'ratio'>): Measurement => ({
  ...measured,
  against: null,
  ratio: null,
})

/** The value below which a share of the values lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/**
 * Calls the cases in turn, round after round, so that a machine whose speed drifts is as fast for each.
 * @param options `warmUp`: rounds before those that count, for all cases alike
 * @returns the values of each case
 */
export async function interleave(
  cases: Readonly<Record<string, () => Promise<number[]>>>,
  rounds: number,
  { warmUp = 1 }: { warmUp?: number } = {},
): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {}
  for (let round = 0; round < warmUp + rounds; round++)
    for (const [name, measure] of Object.entries(cases)) {
      const taken = await measure()
      if (round >= warmUp) values[name] = [...(values[name] ?? []), ...taken]
    }
  return values
}
