import { styleText } from 'node:util'
import { visible } from './visible.ts'

type Style = Parameters<typeof styleText>[0]

/** Text in a style, where the terminal shows styles (NO_COLOR and --no-color are honoured). */
export const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

/** Turns styles off for the rest of the process. */
export function withoutStyles(): void {
  delete process.env['FORCE_COLOR']
  process.env['NO_COLOR'] = '1'
}

/** Prints a line. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Prints a value as one line of JSON. */
export const printJson = (value: unknown): void => print(JSON.stringify(value))

/** A value that a model or a tool gave, in one line of at most `length` characters. */
export function brief(value: unknown, length = 300): string {
  const whole = (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replaceAll(/\s+/g, ' ')
  const text = visible(whole.slice(0, length))
  return whole.length > length ? `${text}…` : text
}

/** Prints rows as columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  print(styled('dim', line(head)))
  for (const row of rows) print(line(row))
}

/** Nano-USD as dollars. */
export const usd = (nanoUsd: number): string => `$${(nanoUsd / 1e9).toFixed(nanoUsd > 0 && nanoUsd < 1e7 ? 6 : 2)}`
