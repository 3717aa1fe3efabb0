import { Duplex } from 'node:stream'
import type { SessionClient, SharedSession } from './session.ts'
import { cString, int32, message, messageType, startupKind, withOwnNames } from './wire.ts'

/** Messages after which the server is expected to work on what it has received. */
const endsBatch = new Set<number | undefined>([
  messageType.query,
  messageType.sync,
  messageType.flush,
  messageType.copyDone,
  messageType.copyFail,
])

/** Settings that a server reports at start-up and that the driver reads. */
const parameters = {
  server_version: '18.0',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  integer_datetimes: 'on',
  standard_conforming_strings: 'on',
  TimeZone: 'UTC',
}

let clients = 0

/** What `pg` takes for its socket: a duplex stream that speaks the wire protocol with the shared session, in process. */
export class SessionStream extends Duplex implements SessionClient {
  readonly #session: SharedSession
  readonly #id = ++clients
  #received: Buffer = Buffer.alloc(0)
  #batch: Buffer[] = []
  #started = false
  #leaving = false
  #work: Promise<void> = Promise.resolve()
  listening = false

  constructor(session: SharedSession) {
    super()
    this.#session = session
  }

  /** Part of the socket interface that `pg` calls; there is nothing to connect to. */
  connect(): this {
    this.#session.join(this)
    setImmediate(() => this.emit('connect'))
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  receive(answer: Buffer): void {
    if (!this.destroyed) this.push(answer)
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#received = this.#received.length > 0 ? Buffer.concat([this.#received, chunk]) : chunk
    this.#takeMessages()
    done()
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#leave()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#leave()
    done(error)
  }

  #takeMessages(): void {
    while (this.#takeMessage());
  }

  #takeMessage(): boolean {
    const headLength = this.#started ? 1 : 0
    if (this.#received.length < headLength + 4) return false
    const length = headLength + this.#received.readInt32BE(headLength)
    if (this.#received.length < Math.max(length, headLength ? 5 : 8)) return false
    const frame = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    if (this.#started) this.#onMessage(frame)
    else this.#onStartup(frame)
    return true
  }

  #onStartup(packet: Buffer): void {
    const kind = startupKind(packet)
    if (kind === 'ssl') this.push(Buffer.from('N'))
    if (kind !== 'startup') return
    this.#started = true
    const settings = Object.entries(parameters).map(([name, value]) => message('S', cString(name), cString(value)))
    const authenticationOk = message('R', int32(0))
    this.push(
      Buffer.concat([
        authenticationOk,
        ...settings,
        message('K', int32(this.#id), int32(0)),
        message('Z', Buffer.from('I')),
      ]),
    )
  }

  #onMessage(frame: Buffer): void {
    const type = frame[0]
    if (type === messageType.terminate) return this.#leave()
    if (isListen(frame)) this.listening = true
    this.#batch.push(withOwnNames(`c${this.#id}_`, frame))
    if (!endsBatch.has(type)) return
    const batch = Buffer.concat(this.#batch)
    this.#batch = []
    this.#work = this.#work
      .then(() => this.#session.run(this, batch))
      .catch((error: unknown) => void this.destroy(error instanceof Error ? error : new Error(String(error))))
  }

  #leave(): void {
    if (this.#leaving) return
    this.#leaving = true
    this.#work = this.#work
      .then(() => this.#session.leave(this))
      .catch(() => undefined)
      .then(() => void (this.destroyed || this.push(null)))
  }
}

function isListen(frame: Buffer): boolean {
  if (frame[0] !== messageType.query && frame[0] !== messageType.parse) return false
  return /\bLISTEN\b/i.test(frame.toString('latin1', 5, Math.min(frame.length, 80)))
}
