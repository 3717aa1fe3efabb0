import { BlockList } from 'node:net'

/**
 * Addresses that nothing reaches unless the operator allows it: private, shared, link-local, documentation, multicast and reserved ones
 * (RFC 6890 and the registries of special-purpose addresses of IANA), and the address of Azure's platform.
 */
const closed4 = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  closed4.addSubnet(network, prefix, 'ipv4')

/** Of IPv6 only global unicast is open, without what carries an IPv4 address in it or is for documentation. */
const open6 = new BlockList()
open6.addSubnet('2000::', 3, 'ipv6')
// A list of its own: in one list a rule for IPv4-mapped IPv6 addresses would match every IPv4 address.
const closed6 = new BlockList()
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  closed6.addSubnet(network, prefix, 'ipv6')

/** Whether an address is one that nothing reaches by itself. */
export const isClosed = (address: string, family: 4 | 6): boolean =>
  family === 4 ? closed4.check(address, 'ipv4') : !open6.check(address, 'ipv6') || closed6.check(address, 'ipv6')
