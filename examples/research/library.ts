/** A small library served over HTTP, for the tools of the research example: `node examples/research/library.ts`. */
import { createServer, type Server } from 'node:http'

interface Text {
  id: string
  title: string
  text: string
}

const texts: readonly Text[] = [
  {
    id: 'tides',
    title: 'Why there are two tides a day',
    text: 'The moon pulls more strongly on the near side of the Earth than on the far side. The difference stretches the oceans into two bulges, and the Earth turns under both of them in a day.',
  },
  {
    id: 'causeways',
    title: 'Causeways',
    text: 'A causeway is a raised road across wet ground or shallow water. Some are passable at low tide only, so that travellers follow the tide tables.',
  },
  {
    id: 'lighthouses',
    title: 'Lighthouses',
    text: 'A Fresnel lens bends the light of one lamp into a beam that is seen twenty miles away. Each lighthouse has its own rhythm, by which sailors know it.',
  },
]

/** Port that the manifests of the example name. */
export const libraryPort = 4110

/** Starts the library on the loopback interface. */
export function startLibrary(port = libraryPort): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://library')
    const body = answer(url)
    response
      .writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(body ?? { error: 'no such text' }))
  })
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server)))
}

function answer({ pathname, searchParams }: URL): unknown {
  if (pathname === '/search') {
    const words = (searchParams.get('query') ?? '')
      .toLowerCase()
      .split(/\W+/)
      .filter(word => word.length > 3)
    const hits = texts.filter(({ title, text }) => words.some(word => `${title} ${text}`.toLowerCase().includes(word)))
    return { hits: hits.map(({ id, title }) => ({ id, title })), first: hits[0]?.id ?? 'none' }
  }
  const id = /^\/texts\/([a-z]+)$/.exec(pathname)?.[1]
  return texts.find(text => text.id === id)
}

if (import.meta.main) await startLibrary()
