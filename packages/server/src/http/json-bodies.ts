import type { App } from './create-app.ts'

/**
 * JSON is the only content type. An empty body counts as none, because clients send the content type with every request; a route
 * that needs a body refuses it by its schema.
 */
export function acceptJsonBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) =>
    body === '' ? done(null, undefined) : parse(request, body, done),
  )
}
