import { distance } from 'fastest-levenshtein'

/** The candidate that the given name is most likely a slip of, if one is near enough to be worth proposing. */
export function nearestName(given: string, candidates: readonly string[]): string | undefined {
  // Farther than a third of the word, proposals confuse more than they help.
  let nearest = Math.max(2, Math.floor(given.length / 3)) + 1
  let best: string | undefined
  for (const candidate of candidates) {
    const far = distance(given.toLowerCase(), candidate.toLowerCase())
    if (far < nearest && far < candidate.length) {
      nearest = far
      best = candidate
    }
  }
  return best
}
