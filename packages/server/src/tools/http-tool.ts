import { CausewayError, type AsyncAnswer, type HttpImplementation } from '@causeway/contracts'
import { request, type Dispatcher } from 'undici'
import * as z from 'zod'
import type { ClientCertificates, Egress } from '../egress/index.ts'
import { handlesIn, type Secrets } from '../secrets/index.ts'
import { connectionFailure } from './connection-failure.ts'
import type { ToolSignIn } from './sign-in.ts'
import {
  Accepted,
  resultBytesAtMost,
  CallRefused,
  ToolOutage,
  type AttemptTool,
  type ReconcileTool,
  type ToolCall,
} from './tool-call.ts'

export interface HttpToolDependencies {
  secrets: Secrets
  egress: Egress
  signIn: ToolSignIn
}

/** Calls a tool over HTTP, once. Redirects are not followed; the connection goes to the address that was checked. */
export function createHttpTool({ secrets, egress, signIn }: HttpToolDependencies): {
  attempt: AttemptTool
  reconcile: ReconcileTool
} {
  const attempt: AttemptTool = async (call, signal) => {
    const { implementation } = call.spec
    if (implementation.type !== 'http') throw new CausewayError('internal', `${call.tool} is not an HTTP tool.`)
    const { accepted } = typeof call.before === 'object' ? call.before : { accepted: undefined }
    const { url, body } =
      accepted === undefined ? requestOf(implementation, call.arguments) : { url: new URL(accepted), body: undefined }
    const answer = await send(call, implementation, {
      url,
      method: accepted === undefined ? implementation.method : 'GET',
      body,
      signal,
    })
    // A tool that is asked for a result and cannot answer says nothing of the call.
    if (accepted !== undefined && answer.status >= 500)
      throw connectionFailure(new Error(`status ${answer.status}`), 'tool-outcome-unknown')
    if (implementation.async && answer.status === 202) return acceptedBy(implementation.async, url, answer, accepted)
    return resultOf(answer)
  }

  const reconcile: ReconcileTool = call => {
    const { implementation } = call.spec
    if (implementation.type !== 'http' || !implementation.reconcile) return undefined
    const { url: template } = implementation.reconcile
    const named = Object.entries(call.arguments).filter(([name]) => template.includes(`{${name}}`))
    return async signal => {
      const { url } = requestOf({ method: 'GET', url: template }, Object.fromEntries(named))
      const answer = await send(call, implementation, { url, method: 'GET', body: undefined, signal })
      const said = ReconcileAnswer.safeParse(resultOf(answer))
      if (said.data?.state === 'completed') return { output: said.data.output ?? null }
      if (said.data?.state === 'failed') return { error: { code: 'tool-failed', message: said.data.message } }
      return undefined
    }
  }

  return { attempt, reconcile }

  async function send(
    call: ToolCall,
    implementation: HttpImplementation,
    {
      url,
      method,
      body,
      signal,
    }: { url: URL; method: HttpImplementation['method']; body: string | undefined; signal: AbortSignal },
  ): Promise<HttpAnswer> {
    await secrets.ready(call.scope, handlesIn(implementation.headers))
    const headers = headersOf(implementation, call, secrets, body !== undefined)
    const signedIn = implementation.auth && (await signIn(call, implementation.auth))
    const options = {
      method,
      headers: { ...headers, ...signedIn?.headers },
      body: body ?? null,
      signal,
      // A server that repeats what it was sent would bring its credentials into the conversation.
      redact: (text: string) => secrets.redact(signedIn ? signedIn.redact(text) : text),
    }
    const isRead = call.spec.effect === 'read'
    const certificates = signedIn?.certificates
    const answer = await (isRead && !certificates ? overKept(url, options) : overOwn(url, options, certificates))
    if (answer.status === 401) signedIn?.forget()
    return answer
  }

  /** For what may be asked again: one that was kept may have been closed by the other side, and then another is taken. */
  async function overKept(url: URL, options: Omit<Options, 'dispatcher'>): Promise<HttpAnswer> {
    const { dispatcher, isUsed, giveBack } = await egress.lease(url)
    try {
      const answer = await exchange(url, { ...options, dispatcher })
      giveBack()
      return answer
    } catch (error) {
      await dispatcher.destroy()
      const isLost = error instanceof CausewayError && error.code === 'tool-outcome-unknown'
      if (isUsed && isLost && !options.signal.aborted) return overOwn(url, options, undefined)
      throw error
    }
  }

  async function overOwn(
    url: URL,
    options: Omit<Options, 'dispatcher'>,
    certificates: ClientCertificates | undefined,
  ): Promise<HttpAnswer> {
    const dispatcher = await egress.connect(url, certificates)
    try {
      return await exchange(url, { ...options, dispatcher })
    } finally {
      await dispatcher.destroy()
    }
  }
}

/** Fills `{name}` in the URL and puts the other arguments into the query (GET, DELETE) or the body. */
export function requestOf(
  { method, url: template }: Pick<HttpImplementation, 'method' | 'url'>,
  values: Record<string, unknown>,
): { url: URL; body: string | undefined } {
  const inUrl = new Set<string>()
  const filled = template.replaceAll(/\{([^{}]+)\}/g, (_placeholder, name: string) => {
    inUrl.add(name)
    const value = scalar(name, values[name])
    if (value === '.' || value === '..' || value === '')
      throw new CausewayError('invalid-tool-arguments', `/${name} cannot stand in the URL of the tool.`)
    return encodeURIComponent(value)
  })
  const url = new URL(filled)
  const rest = Object.entries(values).filter(([name]) => !inUrl.has(name))
  if (method !== 'GET' && method !== 'DELETE') return { url, body: JSON.stringify(Object.fromEntries(rest)) }
  for (const [name, value] of rest) {
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, scalar(name, each))
  }
  return { url, body: undefined }
}

function scalar(name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new CausewayError(
    'invalid-tool-arguments',
    `/${name} must be a string, a number or a boolean to stand in the URL of the tool.`,
  )
}

function headersOf(
  { headers }: HttpImplementation,
  { scope, effectKey, callbackUrl }: ToolCall,
  secrets: Secrets,
  hasBody: boolean,
): Record<string, string> {
  const own = Object.entries(headers).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    typeof value === 'string' ? value : secrets.resolve(scope, value, 'tool'),
  ])
  return {
    accept: 'application/json, text/plain;q=0.5',
    ...Object.fromEntries(own),
    ...(hasBody && { 'content-type': 'application/json' }),
    'idempotency-key': effectKey,
    ...(callbackUrl !== undefined && { 'causeway-callback-url': callbackUrl }),
  }
}

type Options = Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'> & {
  dispatcher: Dispatcher
  signal: AbortSignal
  redact: (text: string) => string
}

interface HttpAnswer {
  status: number
  headers: Dispatcher.ResponseData['headers']
  text: string
}

async function exchange(url: URL, { redact, ...options }: Options): Promise<HttpAnswer> {
  let response: Dispatcher.ResponseData
  try {
    response = await request(url, options)
  } catch (cause) {
    throw connectionFailure(cause, 'tool-outcome-unknown')
  }
  return { status: response.statusCode, headers: response.headers, text: redact(await readBounded(response.body)) }
}

function resultOf({ status, headers, text }: HttpAnswer): unknown {
  if (status >= 300)
    throw new CausewayError('tool-failed', `The tool answered with status ${status}: ${text.slice(0, 500)}`, {
      ...(status >= 500 && { cause: new ToolOutage(String(status)) }),
      ...(status < 500 && !comeAgain.has(status) && { cause: new CallRefused(String(status)) }),
      ...waitIn(headers['retry-after']),
    })
  return parse(text, String(headers['content-type'] ?? ''))
}

/** Statuses below 500 that say nothing against the call: Request Timeout, Too Early, Too Many Requests. */
const comeAgain: ReadonlySet<number> = new Set([408, 425, 429])

/** The wait that a tool asks for, in seconds or as a date (RFC 9110, 10.2.3). */
function waitIn(header: unknown): { retryAfterSeconds?: number } {
  if (typeof header !== 'string' || header.trim() === '') return {}
  const seconds = Number(header)
  const wait = Number.isFinite(seconds) ? seconds : (Date.parse(header) - Date.now()) / 1000
  return wait > 0 ? { retryAfterSeconds: wait } : {}
}

/** What a tool must say where the result is to be fetched, and when. */
function acceptedBy({ by }: AsyncAnswer, url: URL, { headers }: HttpAnswer, before: string | undefined): Accepted {
  if (by === 'callback') return new Accepted()
  const location = headers['location'] ?? before
  const place = typeof location === 'string' && URL.canParse(location, url.href) ? new URL(location, url) : undefined
  if (place?.origin !== url.origin)
    throw new CausewayError(
      'tool-outcome-unknown',
      `The tool has taken the call and did not say in Location, on its own host, where its result will be.`,
    )
  const seconds = Number(headers['retry-after'])
  return new Accepted(place.href, Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) : null)
}

/** What a tool says when it is asked whether a call took effect. */
const ReconcileAnswer = z.discriminatedUnion('state', [
  z.object({ state: z.literal('completed'), output: z.unknown().optional() }),
  z.object({ state: z.literal('failed'), message: z.string().max(2000).default('The call had no effect.') }),
  z.object({ state: z.literal('unknown') }),
])

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      size += chunk.length
      if (size > resultBytesAtMost)
        throw new CausewayError('invalid-tool-output', `The tool answered with more than ${resultBytesAtMost} bytes.`)
      chunks.push(chunk)
    }
  } catch (cause) {
    throw cause instanceof CausewayError ? cause : connectionFailure(cause, 'tool-outcome-unknown')
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string, contentType: string): unknown {
  if (!contentType.includes('json')) return text
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CausewayError('invalid-tool-output', 'The tool announced JSON and sent something else.', { cause })
  }
}
