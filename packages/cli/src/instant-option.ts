import { InvalidArgumentError } from 'commander'

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads an instant, or how long ago it was: `30m`, `24h`, `7d`. @throws InvalidArgumentError */
export function instantOption(text: string): string {
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const time = number && unit ? Date.now() - Number(number) * (unitMs[unit] ?? 0) : Date.parse(text)
  if (Number.isNaN(time)) throw new InvalidArgumentError('expected an instant such as 2026-01-31, or 30m, 24h, 7d.')
  return new Date(time).toISOString()
}
