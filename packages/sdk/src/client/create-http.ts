import { CausewayError, Problem } from '@causeway/contracts'

/** Where the platform is and how it is called. */
export interface ClientOptions {
  /** Address of the platform. Default: `http://127.0.0.1:4100`. */
  baseUrl?: string
  /** API key; in a browser the session cookie stands for it. */
  apiKey?: string
  /** Name of the environment; default is that of the key, or dev. */
  environment?: string
  fetch?: typeof globalThis.fetch
  /** Further attempts after a failure that may pass. Default: 2. */
  maxRetries?: number
  /** Headers for every request. */
  headers?: Readonly<Record<string, string>>
}

/** One request. */
export interface ClientRequest {
  method?: 'GET' | 'POST' | 'DELETE'
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
  /** The raw answer, once its status is good. */
  open(path: string, request?: ClientRequest): Promise<Response>
}

/** The platform did not answer. */
export class PlatformUnreachableError extends Error {
  override readonly name = 'PlatformUnreachableError'
  constructor(url: string, cause: unknown) {
    super(`Causeway does not answer at ${url}. Is it running? Start it with npm start, or give its address.`, { cause })
  }
}

export function createHttp(options: ClientOptions): Http {
  const { baseUrl = 'http://127.0.0.1:4100', apiKey, environment, maxRetries = 2 } = options
  const send = options.fetch ?? ((input: string | URL | Request, init?: RequestInit) => globalThis.fetch(input, init))

  async function once(url: URL, request: ClientRequest): Promise<Response> {
    const { method = 'GET', body, headers, signal } = request
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
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      ...(signal && { signal }),
    }).catch((cause: unknown) => {
      signal?.throwIfAborted()
      throw new PlatformUnreachableError(url.origin, cause)
    })
    if (!response.ok) throw await errorOf(response)
    return response
  }

  async function open(path: string, request: ClientRequest = {}): Promise<Response> {
    const url = new URL(path, baseUrl)
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const repeatable = request.repeatable ?? (request.method ?? 'GET') === 'GET'
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(url, request)
      } catch (error) {
        if (!repeatable || attempt >= maxRetries || !mayPass(error)) throw error
        await delay(waitMs(error, attempt), request.signal)
      }
    }
  }

  return {
    open,
    json: async <Result>(path: string, request?: ClientRequest) => {
      const response = await open(path, request)
      return (response.status === 204 ? undefined : await response.json()) as Result
    },
  }
}

const mayPass = (error: unknown): boolean =>
  error instanceof PlatformUnreachableError || (error instanceof CausewayError && error.retryable)

/** What the platform asks for, at most 10 s; else doubling from 200 ms with jitter. */
function waitMs(error: unknown, attempt: number): number {
  const asked = error instanceof CausewayError ? error.retryAfterSeconds : undefined
  if (asked !== undefined) return Math.min(asked, 10) * 1000
  return 200 * 2 ** attempt * (0.5 + Math.random() / 2)
}

/** Waits; ends early, with the reason, when the signal aborts. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

async function errorOf(response: Response): Promise<CausewayError> {
  const text = await response.text().catch(() => '')
  const problem = Problem.safeParse(parseJson(text))
  if (!problem.success)
    return new CausewayError('internal', `The server answered with status ${response.status}: ${text.slice(0, 200)}`)
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const { code, detail, problems } = problem.data
  return new CausewayError(code, detail, {
    ...(problems && { problems }),
    ...(Number.isFinite(retryAfter) && { retryAfterSeconds: retryAfter }),
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
