import { setTimeout as wait } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'

export interface LoadOptions {
  url: string
  headers: Record<string, string>
  body: Buffer
  requests: number
  concurrency: number
  /** At this rate in place of as fast as can be. */
  perSecond?: number
}

export interface LoadResult {
  seconds: number
  /** Milliseconds to the first byte of each answer. */
  firstByte: number[]
  failed: number
  /** What the first failed request was told. */
  failure: string | undefined
}

/** Sends requests in a closed loop: as many at once as said, the next when one has ended. */
export async function sendLoad({
  url,
  headers,
  body,
  requests,
  concurrency,
  perSecond,
}: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ connections: concurrency, pipelining: 1 })
  const { origin, pathname } = new URL(url)
  const firstByte: number[] = []
  let failed = 0
  let failure: string | undefined
  let left = requests
  const one = (): Promise<void> =>
    new Promise(resolve => {
      const startedAt = performance.now()
      let seen = false
      let ok = false
      let told = ''
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {},
        onResponseStart(_controller, status) {
          ok = status === 200
        },
        onResponseData(_controller, data) {
          if (!ok) told += data.toString()
          if (seen) return
          seen = true
          firstByte.push(performance.now() - startedAt)
        },
        onResponseEnd() {
          if (!ok) failed++
          if (!ok) failure ??= told
          resolve()
        },
        onResponseError(_controller, error) {
          failed++
          failure ??= String(error)
          resolve()
        },
      }
      agent.dispatch({ origin, path: pathname, method: 'POST', headers, body }, handler)
    })
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        const number = requests - left--
        if (perSecond) await wait(Math.max(0, startedAt + (number / perSecond) * 1000 - performance.now()))
        await one()
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1000
  await agent.close()
  return { seconds, firstByte, failed, failure }
}
