import { CausewayError } from '@causeway/contracts'

/** The value of one member of the outermost object, as a span of the bytes. */
export interface Member {
  key: string
  /** Where the key begins. */
  keyStart: number
  start: number
  end: number
}

/** Where the members of interest stand in a JSON object. */
export interface ScannedObject {
  /** All members with a wanted key, in their order. A key that occurs twice is here twice. */
  members: Member[]
  /** Just behind the opening brace. */
  inside: number
  /** Whether the object has no members. */
  empty: boolean
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

/**
 * Finds members of the outermost object without parsing the rest, so that large bodies go on as they came.
 * It reads strings, escapes and nesting as JSON.parse does and checks no more than it needs; what it lets through
 * and JSON.parse would not is for the provider to refuse.
 * @throws CausewayError invalid-json when the outermost level is no JSON object
 */
export function scanObject(body: Buffer, wanted: ReadonlySet<string>): ScannedObject {
  const start = skipBlanks(body, 0)
  if (body[start] !== openBrace) throw malformed(start)
  const inside = start + 1
  const members: Member[] = []
  let at = skipBlanks(body, inside)
  const empty = body[at] === closeBrace
  for (let more = !empty; more;) {
    const member = readMember(body, at)
    if (wanted.has(member.key)) members.push(member)
    at = skipBlanks(body, member.end)
    more = body[at] === comma
    if (more) at = skipBlanks(body, at + 1)
  }
  if (body[at] !== closeBrace || skipBlanks(body, at + 1) !== body.length) throw malformed(at)
  return { members, inside, empty }
}

/** The first elements of an array, so many at most; none where the value is no array. @throws CausewayError invalid-json */
export function elementsOf(
  body: Buffer,
  { start, end }: Pick<Member, 'start' | 'end'>,
  most: number,
): Pick<Member, 'start' | 'end'>[] {
  const elements: Pick<Member, 'start' | 'end'>[] = []
  if (body[start] !== openBracket) return elements
  let at = skipBlanks(body, start + 1)
  while (at < end && body[at] !== closeBracket && elements.length < most) {
    const element = { start: at, end: skipValue(body, at) }
    elements.push(element)
    at = skipBlanks(body, element.end)
    if (body[at] === comma) at = skipBlanks(body, at + 1)
  }
  return elements
}

function readMember(body: Buffer, at: number): Member {
  if (body[at] !== quote) throw malformed(at)
  const keyEnd = skipString(body, at)
  const afterKey = skipBlanks(body, keyEnd)
  if (body[afterKey] !== colon) throw malformed(afterKey)
  const start = skipBlanks(body, afterKey + 1)
  return { key: readKey(body, at, keyEnd), keyStart: at, start, end: skipValue(body, start) }
}

const malformed = (at: number): CausewayError =>
  new CausewayError('invalid-json', `The body is not a JSON object: unexpected byte at ${at}.`)

function skipBlanks(body: Buffer, from: number): number {
  let at = from
  for (; at < body.length; at++) {
    const byte = body[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
  }
  return at
}

/** A key may be written with escapes, and then means the same. */
function readKey(body: Buffer, start: number, end: number): string {
  const raw = body.toString('utf8', start + 1, end - 1)
  if (!raw.includes('\\')) return raw
  try {
    return String(JSON.parse(`"${raw}"`))
  } catch {
    throw malformed(start)
  }
}

// Searching for a quote is fast over long texts and slow for short ones, where looking at each byte is faster.
const shortString = 64

/** From an opening quote to behind the closing one. */
function skipString(body: Buffer, start: number): number {
  let at = start + 1
  for (;;) {
    const near = Math.min(at + shortString, body.length)
    while (at < near) {
      const byte = body[at]
      if (byte === quote) return at + 1
      at += byte === backslash ? 2 : 1
    }
    const end = body.indexOf(quote, at)
    if (end < 0) throw malformed(body.length)
    let before = end - 1
    while (before >= at && body[before] === backslash) before--
    // An even number of backslashes before the quote escape each other.
    if ((end - 1 - before) % 2 === 0) return end + 1
    at = end + 1
  }
}

function skipValue(body: Buffer, start: number): number {
  const first = body[start]
  if (first === quote) return skipString(body, start)
  if (first === openBrace || first === openBracket) return skipNested(body, start)
  let at = start
  for (; at < body.length; at++) {
    const byte = body[at]
    if (byte === comma || byte === closeBrace || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) break
  }
  if (at === start) throw malformed(at)
  return at
}

function skipNested(body: Buffer, start: number): number {
  let depth = 0
  let at = start
  while (at < body.length) {
    const byte = body[at]
    if (byte === quote) {
      at = skipString(body, at)
      continue
    }
    at++
    if (byte === openBrace || byte === openBracket) depth++
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at
  }
  throw malformed(at)
}
