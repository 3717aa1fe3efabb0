import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { CausewayError } from '@causeway/contracts'

/** Where tools may send requests: every public address, and the private hosts that the operator names as `host:port`. */
export interface Egress {
  /** The address to connect to, checked. @throws CausewayError egress-denied, tool-failed when the name does not resolve */
  resolve(url: URL): Promise<{ address: string; family: 4 | 6 }>
}

/** Addresses that no tool reaches unless the operator allows it: private, link-local, shared, reserved (RFC 6890, RFC 4193, RFC 4291). */
const closed4 = new BlockList()
// A list of its own: in one list a rule for IPv4-mapped IPv6 addresses would match every IPv4 address.
const closed6 = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  closed4.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  closed6.addSubnet(network, prefix, 'ipv6')

/** @param allowed hosts with port that may be reached although they are private, such as `127.0.0.1:4110`; `127.0.0.1:*` is every port. */
export function createEgress({ allowed }: { allowed: readonly string[] }): Egress {
  const permitted = new Set(allowed)
  return {
    async resolve(url) {
      const host = url.hostname.replace(/^\[|\]$/g, '')
      const port = url.port || (url.protocol === 'https:' ? '443' : '80')
      const addresses = await addressesOf(host)
      const free = permitted.has(`${host}:${port}`) || permitted.has(`${host}:*`)
      for (const { address, family } of addresses) {
        if (!free && isClosed(address, family))
          throw new CausewayError('egress-denied', `${host}:${port} is the private address ${address}.`)
      }
      const first = addresses[0]
      if (!first) throw new CausewayError('tool-failed', `The name ${host} does not resolve.`)
      return first
    },
  }
}

const isClosed = (address: string, family: 4 | 6): boolean =>
  family === 6 ? closed6.check(address, 'ipv6') : closed4.check(address, 'ipv4')

async function addressesOf(host: string): Promise<{ address: string; family: 4 | 6 }[]> {
  const literal = isIP(host)
  if (literal === 4 || literal === 6) return [{ address: host, family: literal }]
  try {
    const found = await lookup(host, { all: true })
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
  } catch (cause) {
    throw new CausewayError('tool-failed', `The name ${host} does not resolve.`, { cause })
  }
}
