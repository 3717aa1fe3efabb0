import { CausewayError } from '@causeway/contracts'
import { ProtocolError, ProtocolErrorCode, type Server, type ServerContext } from '@modelcontextprotocol/server'

/** What a client follows resources through. */
interface FollowOptions {
  /** Reads a resource for the client. @throws what tells that it may not, or that there is none */
  read(uri: string, context: ServerContext): Promise<unknown>
  /** Tells of changes until the signal is aborted. @throws CausewayError */
  follow(uri: string, context: ServerContext, changed: () => void, signal: AbortSignal): Promise<void>
}

/** Resources that one session follows. */
const followedAtMost = 10
/** Changes of a resource within so many milliseconds are told once, however often its server tells of them. */
const toldTogetherMs = 100

/**
 * Lets the client of a session follow resources that it may read: it is told that one has changed, and reads it by a call like all others.
 * Source: https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions
 */
export function offerSubscriptions(server: Server, { read, follow }: FollowOptions): void {
  const followed = new Map<string, AbortController>()
  const leave = (uri: string): void => {
    followed.get(uri)?.abort()
    followed.delete(uri)
  }
  const leaveAll = (): void => followed.forEach((_, uri) => leave(uri))
  Object.assign(server, { onclose: leaveAll })
  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }, context) => {
    if (followed.has(uri)) return {}
    if (followed.size >= followedAtMost)
      throw new ProtocolError(
        ProtocolErrorCode.InvalidRequest,
        `A session follows ${followedAtMost} resources at the most; leave one of them.`,
      )
    const controller = new AbortController()
    followed.set(uri, controller)
    try {
      // Who may not read it is not told when it changes either.
      await read(uri, context)
      let due: NodeJS.Timeout | undefined
      const tell = (): void => {
        due = undefined
        if (!controller.signal.aborted) server.sendResourceUpdated({ uri }).catch(() => undefined)
      }
      await follow(uri, context, () => void (due ??= setTimeout(tell, toldTogetherMs).unref()), controller.signal)
    } catch (error) {
      leave(uri)
      if (error instanceof CausewayError)
        throw new ProtocolError(ProtocolErrorCode.InvalidRequest, `${error.code}: ${error.message}`)
      throw error
    }
    return {}
  })
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    leave(uri)
    return {}
  })
}
