import type { Dispatcher } from 'undici'
import { silence } from './connection-failure.ts'

interface UpstreamBodyOptions {
  provider: string
  firstByteMs: number
  idleMs: number
}

// Bytes that may wait for the reader before the provider is paused.
const highWaterMark = 256 * 1024

// How long the marks that follow a whole answer are waited for.
const afterEndMs = 2000

/**
 * The body of an answer, read once with `for await`. Leaving the loop early aborts the exchange, so that neither a
 * connection nor a paid generation is left behind.
 */
export class UpstreamBody implements AsyncIterableIterator<Buffer, undefined> {
  /** Called once, when the exchange is over. */
  onSettled: (error: Error | undefined) => void = () => {}
  readonly #options: UpstreamBodyOptions
  readonly #chunks: Buffer[] = []
  #waitingBytes = 0
  #controller: Dispatcher.DispatchController | undefined
  #timer: NodeJS.Timeout | undefined
  #begun = false
  #ending = false
  #outcome: { error: Error | undefined } | undefined
  #wake: (() => void) | undefined

  constructor(options: UpstreamBodyOptions) {
    this.#options = options
    // Counts from here, so that a request that waits for a free connection cannot wait for ever.
    this.#watch(options.firstByteMs)
  }

  /** The exchange has a connection. One that was aborted while it waited for a connection ends here. */
  attach(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#outcome) controller.abort(this.#outcome.error ?? new Error('abandoned'))
  }

  push(chunk: Buffer): void {
    if (this.#outcome) return
    this.#chunks.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes > highWaterMark) this.#pause()
    else this.#progress()
    this.#awaken()
  }

  end(): void {
    this.#settle(undefined)
  }

  fail(error: Error): void {
    this.#settle(error)
  }

  /** Ends the exchange from our side; a reader sees `error`. */
  abort(error: Error): void {
    if (this.#outcome) return
    this.#settle(error)
    this.#controller?.abort(error)
  }

  /** What matters has come: the rest is waited for only shortly, and its absence is no failure. */
  endSoon(): void {
    if (this.#outcome) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#settle(undefined)
      this.#controller?.abort(new Error('The answer has ended.'))
    }, afterEndMs)
    this.#timer.unref()
    this.#ending = true
  }

  /** There is one reader: the body is its own iterator. */
  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    const chunk = this.#chunks.shift()
    if (chunk) {
      this.#release(chunk.length)
      return Promise.resolve({ done: false, value: chunk })
    }
    if (!this.#outcome)
      return new Promise<void>(resolve => {
        this.#wake = resolve
      }).then(() => this.next())
    return this.#outcome.error ? Promise.reject(this.#outcome.error) : Promise.resolve({ done: true, value: undefined })
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    if (!this.#outcome) this.abort(new Error('The reader left.'))
    this.#chunks.length = 0
    return Promise.resolve({ done: true, value: undefined })
  }

  #progress(): void {
    if (this.#ending) return
    if (this.#begun) this.#timer?.refresh()
    else {
      this.#begun = true
      this.#watch(this.#options.idleMs)
    }
  }

  #pause(): void {
    clearTimeout(this.#timer)
    this.#controller?.pause()
  }

  #release(bytes: number): void {
    const wasPaused = this.#waitingBytes > highWaterMark
    this.#waitingBytes -= bytes
    if (!wasPaused || this.#waitingBytes > highWaterMark || this.#outcome) return
    this.#begun = true
    this.#watch(this.#options.idleMs)
    this.#controller?.resume()
  }

  #watch(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.abort(silence(this.#options.provider, milliseconds)), milliseconds)
    this.#timer.unref()
  }

  #settle(error: Error | undefined): void {
    if (this.#outcome) return
    this.#outcome = { error }
    clearTimeout(this.#timer)
    this.onSettled(error)
    this.#awaken()
  }

  #awaken(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
