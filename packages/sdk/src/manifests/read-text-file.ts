import { open } from 'node:fs/promises'
import { unreadable } from './find-manifest-files.ts'
import { linePlaces } from './line-places.ts'

const maximumBytes = 1024 * 1024

/** Text of a file, or why there is none, with the place of the reason. */
export type TextFile = { text: string } | { message: string; line: number; column: number }

async function readBounded(path: string): Promise<Buffer> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(maximumBytes + 1) })
  return buffer.subarray(0, bytesRead)
}

/** Reads a UTF-8 file of at most 1 MB. A byte order mark is left out. */
export async function readTextFile(path: string): Promise<TextFile> {
  try {
    const bytes = await readBounded(path)
    if (bytes.length > maximumBytes) return { message: 'expected a file of at most 1 MB', line: 1, column: 1 }
    const text = bytes.toString('utf8').replace(/^\u{feff}/u, '')
    const broken = text.indexOf('\u{fffd}')
    if (broken >= 0 && !isUtf8(bytes)) return { message: 'expected UTF-8 text', ...linePlaces(text)(broken) }
    return { text }
  } catch (error) {
    return { message: unreadable(error), line: 1, column: 1 }
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
