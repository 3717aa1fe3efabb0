import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import { CausewayError } from '@causeway/contracts'
import type { FastifyRequest } from 'fastify'
import { isOfApi } from './authentication.ts'
import type { App } from './create-app.ts'

const yearSeconds = 31_536_000

const notBuilt = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Causeway</title></head><body>
<h1>The console is not built</h1><p>Run <code>npm run build -w packages/console</code> and start again. The API is at <a href="/openapi.json">/openapi.json</a>.</p>
</body></html>
`

/** Serves the built console; its own addresses are answered with its page, everything else that is unknown with a problem document. */
export async function consoleRoutes(app: App, { consoleFolder }: { consoleFolder: string }): Promise<void> {
  const built = existsSync(join(consoleFolder, 'index.html'))
  if (built)
    await app.register(fastifyStatic, {
      root: consoleFolder,
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Files under assets/ carry a hash of their content in their names.
        const forEver = path.startsWith(join(consoleFolder, 'assets') + sep)
        reply.header('cache-control', forEver ? `public, max-age=${yearSeconds}, immutable` : 'no-cache')
      },
    })
  app.setNotFoundHandler((request, reply) => {
    if (!isPage(request)) throw new CausewayError('not-found', `There is no ${request.method} ${pathOf(request.url)}.`)
    if (built) return reply.sendFile('index.html')
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(notBuilt)
  })
}

/** Whether a browser asks for a page; the console finds out itself which one. A missing file of assets/ is none. */
const isPage = ({ method, url, headers }: FastifyRequest): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  !isOfApi(pathOf(url)) &&
  !url.startsWith('/assets/') &&
  (headers.accept?.includes('text/html') ?? false)

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url
