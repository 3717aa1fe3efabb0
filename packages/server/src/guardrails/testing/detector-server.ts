import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

interface Asked {
  path: string | undefined
  headers: Record<string, unknown>
  body: { contents: string[]; detector_params: unknown }
}

/** A server of detectors, which speaks the detector API of the FMS guardrails orchestrator. */
export interface DetectorServer extends AsyncDisposable {
  url: string
  asked: Asked[]
}

/** @param answer what is answered for some texts, as JSON */
export async function detectorServer(answer: (contents: string[]) => unknown, status = 200): Promise<DetectorServer> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const reply = async (): Promise<void> => {
      const body = (await json(request)) as Asked['body']
      asked.push({ path: request.url, headers: request.headers, body })
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer(body.contents)))
    }
    void reply()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Finds each text's first place with a word. */
export const wordDetector = (word: string) => (contents: string[]) =>
  contents.map(text => {
    const start = text.indexOf(word)
    const found = { start, end: start + word.length, text: word, detection: 'word', detection_type: 'word', score: 0.9 }
    return start < 0 ? [] : [found]
  })
