/** Nano-USD as dollars; small amounts keep the digits that say something. */
export function usd(nanoUsd: number): string {
  const small = nanoUsd > 0 && nanoUsd < 1e7
  return `$${(nanoUsd / 1e9).toFixed(small ? 6 : 2)}`
}

/** Milliseconds as people say them. */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)]
  if (hours >= 48) return parts(Math.floor(hours / 24), 'd', hours % 24, 'h')
  return hours > 0 ? parts(hours, 'h', minutes % 60, 'min') : parts(minutes, 'min', seconds % 60, 's')
}

const parts = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`

/** An instant in the reader's own time. */
export const moment = (instant: string): string =>
  new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** An instant as its distance from now, like "3 minutes ago". Clocks that differ never give a future. */
export function ago(instant: string, now: number): string {
  const passed = Math.max(0, now - Date.parse(instant))
  const [unit, milliseconds] = units.find(([, each]) => passed >= each) ?? ['second', 1000]
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' }).format(
    -Math.floor(passed / milliseconds),
    unit,
  )
}

/** "1 run", "2 runs". */
export const count = (number: number, noun: string): string =>
  `${number.toLocaleString()} ${noun}${number === 1 ? '' : 's'}`
