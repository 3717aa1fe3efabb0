import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { CausewayError } from '@causeway/contracts'
import type { App } from './create-app.ts'

const yearSeconds = 31_536_000

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
        const forEver = path.includes(`${consoleFolder}/assets/`)
        reply.header('cache-control', forEver ? `public, max-age=${yearSeconds}, immutable` : 'no-cache')
      },
    })
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && !request.url.startsWith('/v1/') && (request.headers.accept?.includes('text/html') ?? false)
    if (!isPage) throw new CausewayError('not-found', `There is no ${request.method} ${request.url.split('?')[0]}.`)
    if (built) return reply.sendFile('index.html')
    return reply.type('text/plain; charset=utf-8').send('The console is not built. Run: npm run build -w packages/console\n')
  })
}
