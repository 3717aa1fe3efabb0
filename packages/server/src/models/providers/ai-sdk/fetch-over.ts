import type { Upstream, UpstreamRequest } from '../transport/upstream.ts'

/**
 * A `fetch` for libraries that bring requests of their own, over the connections to providers with their deadlines. It takes
 * what such libraries send: an address as text or URL, and a body of text. It throws as `Upstream.send` does.
 */
export const fetchOver =
  (
    upstream: Upstream,
    settings: Pick<UpstreamRequest, 'provider' | 'connectMs' | 'firstByteMs' | 'idleMs'>,
  ): typeof fetch =>
  async (input, init = {}) => {
    const { method, body, signal } = init
    if (input instanceof Request || (body !== undefined && body !== null && typeof body !== 'string'))
      throw new TypeError('This fetch takes an address and a text.')
    const {
      status,
      headers,
      body: answer,
    } = await upstream.send({
      ...settings,
      method: method === 'POST' ? 'POST' : 'GET',
      url: String(input),
      headers: { ...Object.fromEntries(new Headers(init.headers)), 'accept-encoding': 'identity' },
      ...(body && { body }),
      signal: signal ?? new AbortController().signal,
    })
    const told = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((each): [string, string] => [name, each]),
    )
    return new Response(status === 204 || status === 304 ? null : ReadableStream.from(answer), {
      status,
      headers: told,
    })
  }
