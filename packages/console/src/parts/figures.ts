/** Nano-USD as dollars. */
export const usd = (nanoUsd: number): string => `$${(nanoUsd / 1e9).toFixed(nanoUsd > 0 && nanoUsd < 1e7 ? 6 : 2)}`

/** Milliseconds as people say them. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  const minutes = Math.floor(milliseconds / 60_000)
  return minutes < 60
    ? `${minutes} min ${Math.round((milliseconds % 60_000) / 1000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** An instant in the reader's own time. */
export const moment = (instant: string): string =>
  new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
