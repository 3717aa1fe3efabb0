/**
 * Messages of the PostgreSQL wire protocol 3.0
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html): a type byte, an int32 length that counts
 * itself, and the body. Only what the embedded transport has to look at is known here.
 */

/** First bytes of the messages that the transport treats specially. */
export const messageType = {
  bind: 0x42,
  close: 0x43,
  copyDone: 0x63,
  copyFail: 0x66,
  describe: 0x44,
  execute: 0x45,
  flush: 0x48,
  notificationResponse: 0x41,
  parse: 0x50,
  query: 0x51,
  readyForQuery: 0x5a,
  sync: 0x53,
  terminate: 0x58,
} as const

/** State that ReadyForQuery reports: idle, in a transaction, or in a failed transaction. */
export type SessionStatus = 'I' | 'T' | 'E'

/** A zero-terminated string. */
export const textOf = (value: string): Buffer => Buffer.from(`${value}\0`)

/** An int32 in network order. */
export const int32Of = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** One whole message; `type` is one ASCII character. */
export const messageOf = (type: string | number, ...parts: readonly Uint8Array[]): Buffer => {
  const length = parts.reduce((sum, part) => sum + part.length, 4)
  const head = typeof type === 'string' ? Buffer.from(type, 'latin1') : Buffer.from([type])
  return Buffer.concat([head, int32Of(length), ...parts])
}

/** An ErrorResponse with the fields that clients show. */
export const errorMessage = (severity: 'ERROR' | 'FATAL', code: string, message: string): Buffer =>
  messageOf(
    'E',
    textOf(`S${severity}`),
    textOf(`V${severity}`),
    textOf(`C${code}`),
    textOf(`M${message}`),
    Buffer.of(0),
  )

/** The state in a ReadyForQuery message. */
export const statusOf = (message: Buffer): SessionStatus => {
  const letter = String.fromCharCode(message[5] ?? 0)
  return letter === 'T' || letter === 'E' ? letter : 'I'
}

export const readyForQuery = (status: SessionStatus): Buffer => messageOf('Z', Buffer.from(status))

/** Reads the zero-terminated string at `offset`: its value and where the next field begins. */
export const readText = (message: Buffer, offset: number): [value: string, next: number] => {
  const end = message.indexOf(0, offset)
  return [message.toString('utf8', offset, end), end + 1]
}

/** Splits a buffer into its whole messages; the second value is the incomplete rest. */
export const splitMessages = (buffer: Buffer): [messages: Buffer[], rest: Buffer] => {
  const messages: Buffer[] = []
  let offset = 0
  while (buffer.length - offset >= 5) {
    const end = offset + 1 + buffer.readInt32BE(offset + 1)
    if (buffer.length < end) break
    messages.push(buffer.subarray(offset, end))
    offset = end
  }
  return [messages, buffer.subarray(offset)]
}
