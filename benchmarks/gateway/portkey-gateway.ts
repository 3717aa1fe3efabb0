/** Portkey's open gateway from npm, as it comes, in front of the provider that the header of a request names. */
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { installPeer } from '../install-on-demand.ts'
import { serveMeasured } from './child.ts'

// It streams correctly with these versions only.
const home = installPeer({ '@portkey-ai/gateway': '1.15.2' }, { hono: '4.9.7', '@hono/node-server': '1.13.5' })
const port = await freePort()
process.argv.push(`--port=${port}`, '--headless')
await import(pathToFileURL(join(home, 'node_modules/@portkey-ai/gateway/build/start-server.js')).href)
const url = `http://127.0.0.1:${port}`
await untilItAnswers(url)
serveMeasured({
  url,
  headers: {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${process.argv[2]}/v1`,
    authorization: 'Bearer none',
  },
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || !address) throw new Error('there is no port')
  return address.port
}

async function untilItAnswers(address: string): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const answered = await fetch(address).then(
      () => true,
      () => false,
    )
    if (answered) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error('the gateway of Portkey does not answer')
}
