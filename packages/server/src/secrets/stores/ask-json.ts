import { request } from 'undici'
import { SecretStoreError } from '../secret-store.ts'

export interface StoreRequest {
  /** The store as it is named in messages. */
  store: string
  url: string
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}

export interface StoreAnswer {
  status: number
  /** JSON; undefined where the answer is none. */
  body: unknown
}

// Milliseconds.
const timeout = 5000
const bytesAtMost = 1_000_000

/** Asks a store over HTTP, once; redirects are not followed. @throws SecretStoreError when it does not answer */
export async function askJson({ store, url, method = 'GET', headers = {}, body }: StoreRequest): Promise<StoreAnswer> {
  try {
    const response = await request(url, {
      method,
      headers: { accept: 'application/json', ...headers },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(timeout),
    })
    return { status: response.statusCode, body: parsed(await readBounded(response.body)) }
  } catch (error) {
    // The message of the error may hold the request.
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'no answer within 5 s'
    throw new SecretStoreError(`${store} does not answer (${why}). Start it, or correct its address.`)
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > bytesAtMost) throw Object.assign(new Error('too much'), { code: 'more than 1 MB' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
