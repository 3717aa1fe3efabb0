import { CausewayError, type ErrorCode } from '@causeway/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** How often it is asked whether a request that is still open may go on, in milliseconds. */
const askedAgainMs = 1000

const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'missing-credentials',
  'invalid-credentials',
  'environment-mismatch',
  'unknown-environment',
  'missing-right',
])

/**
 * Closes the connection of a request that lasts, such as a stream of events, a moment after whoever made it would be refused: the
 * key was revoked or has expired, or has lost the right.
 * @param admit throws what a new request would be told
 */
export function endWhenRefused(request: FastifyRequest, reply: FastifyReply, admit: () => Promise<unknown>): void {
  const { socket } = request.raw
  let timer: NodeJS.Timeout | undefined
  const lookLater = (): void => {
    timer = setTimeout(() => void look(), askedAgainMs).unref()
  }
  const look = async (): Promise<void> => {
    try {
      await admit()
    } catch (error) {
      // Where nobody can say at the moment, it goes on.
      if (error instanceof CausewayError && refusals.has(error.code)) return void socket.destroy()
    }
    if (timer) lookLater()
  }
  // A WebSocket outlives the answer that opened it.
  const lasting = request.ws ? socket : reply.raw
  lasting.once('close', () => {
    clearTimeout(timer)
    timer = undefined
  })
  lookLater()
}
