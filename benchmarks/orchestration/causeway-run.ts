import type { Run } from '@causeway/contracts'
import { agent, provider, route } from '@causeway/sdk'
import { createToolWorld } from '@causeway/sdk/testing'
import { startLocalPlatform } from '../local-platform.ts'

export interface CausewayRuns extends AsyncDisposable {
  /** @returns milliseconds that the platform adds to each step of one run of ten steps, the tool taken off */
  measure: () => Promise<number[]>
  /** @returns steps a second of so many runs, so many of them at the same time */
  throughput: (runs: number, atOnce: number) => Promise<number>
}

/** A run of ten steps, each a model call and a tool call that answer at once, through the public API. */
export async function causewayRuns(location: { url: string | undefined; dataFolder: string }): Promise<CausewayRuns> {
  await using parts = new AsyncDisposableStack()
  const world = parts.use(await createToolWorld({ tools: { touch: () => ({ ok: 1 }) } }))
  const { client, url, apiKey } = parts.use(await startLocalPlatform(location))
  const turns = Array.from({ length: 10 }, () => ({ toolCalls: [{ tool: 'touch', arguments: {} }] }))
  await client.manifests.apply({
    manifests: [
      provider({ name: 'instant', type: 'rehearsal', conversations: [], otherwise: [...turns, { text: 'done' }] }),
      route({ name: 'instant', targets: [{ provider: 'instant', model: 'instant' }] }),
      {
        kind: 'Tool',
        name: 'touch',
        spec: {
          description: 'Answers at once',
          input: { type: 'object' },
          effect: 'read',
          risk: 1,
          implementation: { type: 'http', url: `${world.url}/touch` },
        },
      },
      agent({ name: 'ten-steps', instructions: 'Touch.', model: 'instant', tools: ['touch'] }),
    ],
  })
  /** Nobody follows what the run does meanwhile: that would be measured too, in the same thread. */
  const runToItsEnd = async (): Promise<Run> => {
    const response = await fetch(`${url}/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ agent: 'ten-steps', input: 'go', wait: true }),
    })
    const run = (await response.json()) as Run
    if (run.status !== 'succeeded') throw new Error(`the run ended as ${run.status}: ${run.reason}`)
    return run
  }
  const owned = parts.move()
  return {
    async throughput(runs, atOnce) {
      let next = 0
      const worker = async (): Promise<void> => {
        while (next++ < runs) await runToItsEnd()
      }
      const startedAt = performance.now()
      await Promise.all(Array.from({ length: atOnce }, worker))
      return (runs * 10) / ((performance.now() - startedAt) / 1000)
    },
    async measure() {
      const run = await runToItsEnd()
      const added: number[] = []
      let before: number | undefined
      let foreign = 0
      for (const event of await client.runs.events(run.id)) {
        if (event.type === 'tool-responded') foreign += event.data.durationMs
        if (event.type !== 'model-responded') continue
        const at = Date.parse(event.at)
        // The model takes no time. What its call is said to take is what we do around it.
        if (before !== undefined) added.push(at - before - foreign)
        before = at
        foreign = 0
      }
      return added
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
