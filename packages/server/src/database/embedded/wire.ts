/** Framing of the PostgreSQL wire protocol, version 3 (PostgreSQL documentation, "Frontend/Backend Protocol"). */

/** Type bytes of the messages that matter here. */
export const messageType = {
  query: 0x51, // Q
  parse: 0x50, // P
  bind: 0x42, // B
  describe: 0x44, // D
  close: 0x43, // C
  execute: 0x45, // E
  sync: 0x53, // S
  flush: 0x48, // H
  copyDone: 0x63, // c
  copyFail: 0x66, // f
  terminate: 0x58, // X
  readyForQuery: 0x5a, // Z
  notification: 0x41, // A
} as const

const sslRequestCode = 80877103
const cancelRequestCode = 80877102

/** The first packet of a connection has no type byte; this is what it asks. */
export function startupKind(packet: Buffer): 'ssl' | 'cancel' | 'startup' {
  const code = packet.readInt32BE(4)
  return code === sslRequestCode ? 'ssl' : code === cancelRequestCode ? 'cancel' : 'startup'
}

/** Builds a message: type, length, body. */
export function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** A zero-terminated string. */
export const cString = (text: string): Buffer => Buffer.from(`${text}\0`)

/** A 32-bit integer in network order. */
export function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

/** Splits a buffer of whole backend messages. */
export function* messagesIn(buffer: Buffer): Generator<Buffer> {
  for (let offset = 0; offset + 5 <= buffer.length;) {
    const end = offset + 1 + buffer.readInt32BE(offset + 1)
    yield buffer.subarray(offset, end)
    offset = end
  }
}

/**
 * Prefixes the names of prepared statements and portals in a frontend message. All clients share one session in which these names are
 * global; the unnamed ones live only until the next Parse or Bind and need no prefix, since a client owns the session until it is idle.
 */
export function withOwnNames(prefix: string, frame: Buffer): Buffer {
  const type = frame[0]
  if (type === messageType.parse) {
    const name = readCString(frame, 5)
    return name.text ? message('P', cString(prefix + name.text), frame.subarray(name.end)) : frame
  }
  if (type === messageType.bind) {
    const portal = readCString(frame, 5)
    const statement = readCString(frame, portal.end)
    if (!portal.text && !statement.text) return frame
    return message('B', prefixed(prefix, portal.text), prefixed(prefix, statement.text), frame.subarray(statement.end))
  }
  if (type === messageType.describe || type === messageType.close) {
    const name = readCString(frame, 6)
    if (!name.text) return frame
    return message(String.fromCharCode(type), frame.subarray(5, 6), cString(prefix + name.text))
  }
  if (type === messageType.execute) {
    const portal = readCString(frame, 5)
    return portal.text ? message('E', cString(prefix + portal.text), frame.subarray(portal.end)) : frame
  }
  return frame
}

const prefixed = (prefix: string, name: string): Buffer => cString(name ? prefix + name : '')

function readCString(buffer: Buffer, offset: number): { text: string; end: number } {
  const terminator = buffer.indexOf(0, offset)
  return { text: buffer.toString('utf8', offset, terminator), end: terminator + 1 }
}
