import { CausewayError } from '@causeway/contracts'
import { backoffMs, delay } from './delay.ts'
import { foreign, PlatformUnreachableError, unreachable } from './platform-unreachable-error.ts'
import { readProblem } from './read-problem.ts'

/** Where the platform is and how it is called. */
export interface ClientOptions {
  /** Address of the platform; a path is kept. Default: `http://127.0.0.1:4100`. */
  baseUrl?: string
  /** API key; in a browser the session cookie stands for it. */
  apiKey?: string
  /** Name of the environment; default is that of the key, or dev. */
  environment?: string
  fetch?: typeof globalThis.fetch
  /** Further attempts after a failure that may pass, of requests that can be repeated. Default: 2. */
  maxRetries?: number
  /** Milliseconds until an answer must be there, or begin when it is a stream. Default: 60 000. */
  timeoutMs?: number
  /** Headers for every request. */
  headers?: Readonly<Record<string, string>>
}

/** One request. */
export interface ClientRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  query?: Readonly<Record<string, string | number | undefined>>
  body?: unknown
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal
  /** Whether repeating the request cannot have a second effect. Default: only for GET. */
  repeatable?: boolean
}

/** Sends requests to the platform. */
export interface Http {
  /** The answer's body, parsed. @throws CausewayError as the platform reported it; PlatformUnreachableError */
  json<Result>(path: string, request?: ClientRequest): Promise<Result>
  /** An answer that is read as it comes, once its status is good; of events unless another type is named. @throws as json */
  open(path: string, request?: ClientRequest, type?: string): Promise<Response>
}

/** Longest Retry-After that is waited for, in seconds; when it is longer, the error is the caller's. */
const waitAtMostSeconds = 30

/** @throws Error when the address is not a URL or the key cannot be one */
export function createHttp(options: ClientOptions): Http {
  const { apiKey, environment, maxRetries = 2, timeoutMs = 60_000 } = options
  const base = baseOf(options.baseUrl ?? 'http://127.0.0.1:4100')
  // Headers refuse such a value too, but with the value in the message.
  if (apiKey !== undefined && !/^[\u0021-\u007e]+$/.test(apiKey))
    throw new Error('The API key is empty or has a space, a line break or another character that no key has.')
  const send = options.fetch ?? ((input: string | URL | Request, init?: RequestInit) => globalThis.fetch(input, init))

  async function once<Result>(url: URL, request: ClientRequest, read: (answer: Response) => Promise<Result>) {
    const { method = 'GET', body, headers, signal } = request
    // Text is sent as it is; whoever gives it says of which type it is.
    const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
    const late = new AbortController()
    const timer = setTimeout(
      () => late.abort(new DOMException(`did not answer within ${timeoutMs / 1000} s`, 'TimeoutError')),
      timeoutMs,
    )
    try {
      const response = await send(url, {
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(apiKey && { authorization: `Bearer ${apiKey}` }),
          ...(environment && { 'causeway-environment': environment }),
          ...options.headers,
          ...headers,
        },
        body: text,
        credentials: 'same-origin',
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      })
      if (!response.ok) throw await readProblem(response)
      return await read(response)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof CausewayError || error instanceof PlatformUnreachableError) throw error
      throw unreachable(url, late.signal.aborted ? late.signal.reason : error)
    } finally {
      clearTimeout(timer)
    }
  }

  async function attempt<Result>(path: string, request: ClientRequest, type: string, read: Reader<Result>) {
    const url = new URL(`.${path}`, base)
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const repeatable = request.repeatable ?? (request.method ?? 'GET') === 'GET'
    for (let retries = 0; ; retries++) {
      try {
        return await once(url, request, response => read(expectType(url, response, type)))
      } catch (error) {
        const waitMs = retryAfterMs(error, retries)
        if (!repeatable || retries >= maxRetries || waitMs === undefined) throw error
        await delay(waitMs, request.signal)
      }
    }
  }

  return {
    open: (path, request = {}, type = 'text/event-stream') => attempt(path, request, type, async response => response),
    json: async <Result>(path: string, request: ClientRequest = {}) =>
      (await attempt(path, request, 'application/json', async response =>
        response.status === 204 ? undefined : await response.json(),
      )) as Result,
  }
}

type Reader<Result> = (response: Response) => Promise<Result>

function baseOf(address: string): URL {
  if (!URL.canParse(address)) throw new Error(`"${address}" is not an address. Give one like http://127.0.0.1:4100.`)
  const base = new URL(address)
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return base
}

function expectType(url: URL, response: Response, type: string): Response {
  const given = response.headers.get('content-type')
  if (response.status !== 204 && !given?.startsWith(type))
    throw foreign(url, `the answer is ${given ?? 'of no type'} and not ${type}`)
  return response
}

/** Milliseconds until a further attempt; undefined when it would fail again, or the platform asks for too long a wait. */
function retryAfterMs(error: unknown, retries: number): number | undefined {
  if (error instanceof PlatformUnreachableError) return backoffMs(retries, 200, 5000)
  if (!(error instanceof CausewayError && error.retryable)) return undefined
  const { retryAfterSeconds } = error
  if (retryAfterSeconds === undefined) return backoffMs(retries, 200, 5000)
  return retryAfterSeconds > waitAtMostSeconds ? undefined : retryAfterSeconds * 1000
}
