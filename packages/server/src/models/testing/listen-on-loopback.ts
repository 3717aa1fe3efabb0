import { once } from 'node:events'
import type { Server } from 'node:http'

/** Listens on a port that the system chooses. @returns the address, without a slash at the end */
export async function listenOnLoopback(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen on a port')
  return `http://127.0.0.1:${address.port}`
}

/** Ends a server with all its connections. */
export async function stopServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}
