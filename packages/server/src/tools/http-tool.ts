import { CausewayError, type HttpImplementation } from '@causeway/contracts'
import { request, type Dispatcher } from 'undici'
import type { Egress } from '../egress/index.ts'
import { handlesIn, type Secrets } from '../secrets/index.ts'
import type { ToolSignIn } from './sign-in.ts'
import { resultBytesAtMost, ToolOutage, type AttemptTool, type ToolCall } from './tool-call.ts'

/** Calls a tool over HTTP, once. Redirects are not followed; the connection goes to the address that was checked. */
export function createHttpTool({
  secrets,
  egress,
  signIn,
}: {
  secrets: Secrets
  egress: Egress
  signIn: ToolSignIn
}): AttemptTool {
  return async (call, signal) => {
    const { implementation } = call.spec
    if (implementation.type !== 'http') throw new CausewayError('internal', `${call.tool} is not an HTTP tool.`)
    const { url, body } = requestOf(implementation, call.arguments)
    await secrets.ready(call.scope, handlesIn(implementation.headers))
    const headers = headersOf(implementation, call, secrets, body !== undefined)
    const signedIn = implementation.auth && (await signIn(call, implementation.auth))
    const pinned = await egress.connect(url, signedIn?.certificates)
    try {
      return await exchange(url, {
        method: implementation.method,
        headers: { ...headers, ...signedIn?.headers },
        body: body ?? null,
        dispatcher: pinned,
        signal,
        // A server that repeats what it was sent would bring its credentials into the conversation.
        redact: text => secrets.redact(signedIn ? signedIn.redact(text) : text),
      })
    } catch (error) {
      if (error instanceof CausewayError && error.cause instanceof Unauthorized) signedIn?.forget()
      throw error
    } finally {
      await pinned.destroy()
    }
  }
}

/** Fills `{name}` in the URL and puts the other arguments into the query (GET, DELETE) or the body. */
export function requestOf(
  { method, url: template }: HttpImplementation,
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
  { scope, effectKey }: ToolCall,
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
  }
}

type Options = Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'> & {
  dispatcher: Dispatcher
  signal: AbortSignal
  redact: (text: string) => string
}

async function exchange(url: URL, { redact, ...options }: Options): Promise<unknown> {
  let response: Dispatcher.ResponseData
  try {
    response = await request(url, options)
  } catch (cause) {
    throw failure(cause)
  }
  const text = redact(await readBounded(response.body))
  if (response.statusCode >= 300)
    throw new CausewayError(
      'tool-failed',
      `The tool answered with status ${response.statusCode}: ${text.slice(0, 500)}`,
      causeOf(response.statusCode),
    )
  return parse(text, String(response.headers['content-type'] ?? ''))
}

/** The tool does not take the credentials. */
class Unauthorized extends Error {
  override readonly name = 'Unauthorized'
}

function causeOf(status: number): { cause?: Error } {
  if (status >= 500) return { cause: new ToolOutage(String(status)) }
  return status === 401 ? { cause: new Unauthorized() } : {}
}

/** Whether the request can have arrived decides between "failed" and "unknown". */
function failure(cause: unknown): CausewayError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(code))
    return new CausewayError('tool-failed', `The tool cannot be reached (${code}).`, {
      cause: new ToolOutage(code, { cause }),
    })
  return new CausewayError(
    'tool-outcome-unknown',
    `The connection ended before the tool answered (${code || String(cause)}).`,
    { cause },
  )
}

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
    throw cause instanceof CausewayError ? cause : failure(cause)
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
