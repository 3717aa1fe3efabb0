import type { FastifyReply } from 'fastify'

/** Aborted when the connection of a response is closed. The signal of the request is not: that one ends with its body. */
export function departureOf({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  raw.once('close', () => controller.abort())
  return controller.signal
}
