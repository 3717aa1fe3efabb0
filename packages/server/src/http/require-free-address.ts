import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Finds out before the slow parts of a start whether its address can be listened on.
 * @throws Error with the code of the operating system, such as EADDRINUSE
 */
export async function requireFreeAddress({ host, port }: { host: string; port: number }): Promise<void> {
  const server = createServer().listen({ host, port })
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}
