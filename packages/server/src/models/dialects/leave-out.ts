import { scanObject } from './json-scan.ts'
import { splice, type Edit } from './json-splice.ts'

const comma = 0x2c
const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/**
 * Leaves members of the outermost object out. Every other byte stays as it is.
 * @returns the body without them, and which of them it had
 * @throws CausewayError invalid-json
 */
export function leaveOut(body: Buffer, fields: readonly string[]): { body: Buffer; left: string[] } {
  const { members } = scanObject(body, new Set(fields))
  if (members.length === 0) return { body, left: [] }
  const edits: Edit[] = []
  // Where what is left out at the end of the object begins: the comma before it goes with it.
  let tail: number | undefined
  for (const { keyStart, end } of members.toReversed()) {
    let next = end
    while (isBlank(body[next])) next++
    if (body[next] === comma && next !== tail) {
      edits.push({ start: keyStart, end: next + 1, text: '' })
      continue
    }
    let before = keyStart - 1
    while (isBlank(body[before])) before--
    tail = body[before] === comma ? before : keyStart
    edits.push({ start: tail, end, text: '' })
  }
  return { body: splice(body, edits), left: [...new Set(members.map(({ key }) => key))] }
}
