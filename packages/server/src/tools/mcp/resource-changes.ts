import { setTimeout as sleep } from 'node:timers/promises'
import { CausewayError } from '@causeway/contracts'
import type { Scope } from '../../database/index.ts'
import type { ToolServerConnection, ToolServers } from './tool-servers.ts'

/** Follows resources of MCP servers. Source: MCP 2025-11-25, "Resources", "Subscriptions". */
export interface ResourceChanges {
  /**
   * Tells when a resource has changed, or may have because its server could not be heard, until the signal is aborted.
   * @returns when the server has agreed
   * @throws CausewayError invalid-request (the server tells of no changes), limit-exceeded, and what opening the server throws
   */
  follow(resource: FollowedResource, changed: () => void, signal: AbortSignal): Promise<void>
}

interface FollowedResource {
  scope: Scope
  server: string
  uri: string
}

interface Followed extends AsyncDisposable {
  /** Fulfilled when the server is not heard any more. */
  lost: Promise<unknown>
}

/** Connections that are held for it. */
const followedAtMost = 100
const connectAtMostMs = 30_000
/** Milliseconds before a server that was lost is asked again; doubled each time, until a connection has held for as long as that may become. */
const [againMs, againAtMostMs] = [1000, 60_000]

export function createResourceChanges({ servers }: { servers: Pick<ToolServers, 'open'> }): ResourceChanges {
  let held = 0

  const subscribe = async (
    { scope, server, uri }: FollowedResource,
    changed: () => void,
    signal: AbortSignal,
  ): Promise<Followed> => {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(connectAtMostMs)])
    await using parts = new AsyncDisposableStack()
    const connection = parts.use(await servers.open(scope, server, inTime))
    const { client } = connection
    if (!client.getServerCapabilities()?.resources?.subscribe)
      throw new CausewayError('invalid-request', `The tool server ${server} does not tell when a resource changes.`)
    const lost = whenLost(connection)
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      if (params.uri === uri) changed()
    })
    await connection.ask(asked => asked.subscribeResource({ uri }, { signal: inTime }))
    const owned = parts.move()
    return { lost, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }

  /** Stays with a resource for as long as somebody wants to know. */
  const stay = async (
    first: Followed,
    resource: FollowedResource,
    changed: () => void,
    signal: AbortSignal,
  ): Promise<void> => {
    const ended = new Promise(resolve => {
      signal.addEventListener('abort', resolve, { once: true })
    })
    let followed: Followed | undefined = first
    let since = performance.now()
    for (let waitMs = againMs; !signal.aborted;) {
      if (followed) {
        await Promise.race([followed.lost, ended])
        await followed[Symbol.asyncDispose]()
        followed = undefined
        // One that breaks off again and again is no better than one that cannot be reached.
        if (performance.now() - since >= againAtMostMs) waitMs = againMs
      }
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      followed = await subscribe(resource, changed, signal).catch(() => undefined)
      since = performance.now()
      // Nobody knows what has changed meanwhile.
      if (followed) changed()
      waitMs = Math.min(waitMs * 2, againAtMostMs)
    }
    // Whoever followed may have left while the server agreed.
    await followed?.[Symbol.asyncDispose]()
  }

  return {
    async follow(resource, changed, signal) {
      if (held >= followedAtMost)
        throw new CausewayError('limit-exceeded', `No more than ${followedAtMost} resources are followed on a replica.`)
      held++
      try {
        const first = await subscribe(resource, changed, signal)
        void stay(first, resource, changed, signal).finally(() => held--)
      } catch (error) {
        held--
        throw error
      }
    },
  }
}

const whenLost = ({ client }: ToolServerConnection): Promise<unknown> =>
  new Promise(resolve => {
    Object.assign(client, { onclose: resolve, onerror: resolve })
  })
