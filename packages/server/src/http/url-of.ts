import type { Server } from 'node:http'

/** Where a server listens; the port that is configured as long as it does not. */
export function urlOf({ server }: { server: Server }, { host, port }: { host: string; port: number }): string {
  const address = server.address()
  const at = typeof address === 'object' && address ? address.port : port
  return `http://${host.includes(':') ? `[${host}]` : host}:${at}`
}
