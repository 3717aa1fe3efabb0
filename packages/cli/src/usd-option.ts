import { InvalidArgumentError } from 'commander'

/** Reads dollars as nano-USD. @throws InvalidArgumentError */
export function usdOption(text: string): number {
  if (!/^\$?\d{1,6}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('expected dollars, for example 0.05.')
  return Math.round(Number(text.replace('$', '')) * 1e9)
}
