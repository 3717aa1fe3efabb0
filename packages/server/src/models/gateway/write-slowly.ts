import type { ServerResponse } from 'node:http'
import { ClientGone } from './client-gone.ts'

/**
 * Writes, and waits for a client that reads more slowly than the provider sends.
 * @throws ClientGone
 */
export function writeSlowly(response: ServerResponse, data: Buffer | string): Promise<void> | undefined {
  if (response.destroyed) throw new ClientGone()
  if (response.write(data)) return undefined
  return new Promise(resolve => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}
