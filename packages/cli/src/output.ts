import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Text in a style, where the terminal shows styles (NO_COLOR and --no-color are honoured). */
export const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

/** Prints a line. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Prints a value as one line of JSON. */
export const printJson = (value: unknown): void => print(JSON.stringify(value))

/** What a terminal must not take for its own: control characters, escapes, and marks that turn the reading direction. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** Untrusted text as it may be shown on a terminal: what could act on it is shown as its code. */
export const safe = (text: string): string =>
  text.replaceAll(unsafe, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A value that a model or a tool gave, in one line of at most `length` characters. */
export function brief(value: unknown, length = 300): string {
  const text = safe(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replaceAll(/\s+/g, ' ')
  return text.length > length ? `${text.slice(0, length)}…` : text
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
