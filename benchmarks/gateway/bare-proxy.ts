/** The least that a proxy in Node can do: node:http in front, undici behind, no logic. */
import { createServer } from 'node:http'
import { Pool } from 'undici'
import { serveMeasured } from './child.ts'

const pool = new Pool(process.argv[2] ?? '', { connections: 256, pipelining: 1 })
const server = createServer((request, response) => {
  pool
    .request({
      path: request.url ?? '/',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': request.headers['content-length'] ?? '0' },
      body: request,
    })
    .then(({ statusCode, headers, body }) => {
      response.writeHead(statusCode, { 'content-type': String(headers['content-type']) })
      return body.pipe(response)
    })
    .catch(() => response.destroy())
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address) serveMeasured({ url: `http://127.0.0.1:${address.port}` })
})
