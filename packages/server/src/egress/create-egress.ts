import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { CausewayError } from '@causeway/contracts'
import { TransformStream } from 'node:stream/web'
import { Agent, Client, fetch, Response, type buildConnector, type Dispatcher, type RequestInit } from 'undici'
import { isClosed } from './closed-addresses.ts'
import { createKeptConnections, type LeasedConnection } from './kept-connections.ts'

/** An address that was checked. */
export interface CheckedAddress {
  address: string
  family: 4 | 6
}

/** What a client shows of itself over TLS, and whom it believes; in PEM. */
export interface ClientCertificates {
  cert: string
  key: string
  ca?: string
}

/** The one way out for tools and tool servers (providers of models have connections of their own): every public address, and the private hosts that the operator names as `host:port`. */
export interface Egress {
  /** The address to connect to, checked. @throws CausewayError egress-denied, tool-failed when the name does not resolve */
  resolve(url: URL): Promise<CheckedAddress>
  /** Connections to the checked address of a URL and to nothing else; to be destroyed after use. @throws as `resolve` */
  connect(url: URL, certificates?: ClientCertificates): Promise<Dispatcher>
  /** A connection to the checked address of a URL that may have been used before. @throws as `resolve` */
  lease(url: URL): Promise<LeasedConnection>
  /** Ends the connections that are kept. */
  close(): Promise<void>
  /** Like the global `fetch`, over `connect`; a redirect is an error, and so is a body without end. @throws as `resolve`, and TypeError as `fetch` */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>
}

export interface EgressOptions {
  /** Hosts with port that may be reached although they are private, such as `127.0.0.1:4110`; `127.0.0.1:*` is every port. */
  allowed: readonly string[]
  /** Finds the addresses of a name; that of the system unless told. */
  addressesOf?: (name: string) => Promise<CheckedAddress[]>
}

const connectLimitMs = 10_000
/** Connections that are kept; one that is idle for four seconds is closed (undici). */
const keptAtMost = 200
/** Ports below 1024 belong to other protocols than HTTP. */
const privilegedPorts: ReadonlySet<string> = new Set(['80', '443'])

export function createEgress({ allowed, addressesOf = systemAddresses }: EgressOptions): Egress {
  const permitted = new Set(allowed)

  async function resolve(url: URL): Promise<CheckedAddress> {
    const host = url.hostname.replaceAll(/^\[|\]$|\.$/g, '')
    const port = url.port || (url.protocol === 'https:' ? '443' : '80')
    const deny = (why: string): CausewayError => new CausewayError('egress-denied', why)
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw deny(`${url.protocol} is not http or https.`)
    if (url.username !== '' || url.password !== '') throw deny('A URL has user info in front of its host.')
    const free = permitted.has(`${host}:${port}`) || permitted.has(`${host}:*`)
    if (!free && Number(port) < 1024 && !privilegedPorts.has(port))
      throw deny(`The port ${port} is not one of HTTP; the operator can allow ${host}:${port}.`)
    const literal = isIP(host)
    const addresses =
      literal === 0 ? await addressesOf(host) : [{ address: host, family: literal === 6 ? 6 : 4 } as const]
    // One closed address among open ones is a way in, whichever is taken now.
    const closed = addresses.find(({ address, family }) => isClosed(address, family))
    if (closed && !free) throw deny(`${host}:${port} is the private address ${closed.address}.`)
    const [first] = addresses
    if (!first) throw new CausewayError('tool-failed', `The name ${host} does not resolve.`)
    return first
  }

  const kept = createKeptConnections({ keptAtMost })

  const connect = async (url: URL, certificates?: ClientCertificates): Promise<Agent> =>
    // Source: undici, Client: with no pipelining a connection is closed after one request.
    new Agent({ connect: { ...pinnedTo(await resolve(url)), ...certificates }, pipelining: 0 })

  /** The name is looked up and checked every time; what is kept is for the address that was found. */
  const lease = async (url: URL): Promise<LeasedConnection> => {
    const checked = await resolve(url)
    return kept.lease(`${url.origin} ${checked.address}`, () => new Client(url.origin, { connect: pinnedTo(checked) }))
  }

  return {
    resolve,
    connect,
    lease,
    close: () => kept.close(),
    async fetch(url, init = {}) {
      const dispatcher = await connect(new URL(url))
      try {
        const response = await fetch(url, { ...init, redirect: 'error', dispatcher })
        // The connections end with the answer, however it is read.
        void dispatcher.close()
        return response.body ? new Response(response.body.pipeThrough(bounded()), response) : response
      } catch (error) {
        await dispatcher.destroy()
        throw error
      }
    },
  }
}

/** A connection goes to this address, whatever the name is. */
const pinnedTo = (checked: CheckedAddress): buildConnector.BuildOptions => ({
  lookup: (_host, _options, found) => found(null, [checked]),
  timeout: connectLimitMs,
})

/** Bytes of one answer that are read, at the most. */
const bodyBytesAtMost = 16 * 1024 * 1024

function bounded(): TransformStream<Uint8Array, Uint8Array> {
  let size = 0
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.length
      if (size > bodyBytesAtMost) controller.error(new TypeError(`the answer has more than ${bodyBytesAtMost} bytes`))
      else controller.enqueue(chunk)
    },
  })
}

async function systemAddresses(host: string): Promise<CheckedAddress[]> {
  try {
    const found = await lookup(host, { all: true })
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
  } catch (cause) {
    throw new CausewayError('tool-failed', `The name ${host} does not resolve.`, { cause })
  }
}
