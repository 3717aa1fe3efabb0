import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startApp } from './testing/start-app.ts'

const page = { headers: { accept: 'text/html,application/xhtml+xml' } }

test('the console is served with its own addresses; its hashed files may be kept for ever', async () => {
  await using parts = new AsyncDisposableStack()
  const consoleFolder = parts.adopt(mkdtempSync(join(tmpdir(), 'causeway-console-')), path =>
    rmSync(path, { recursive: true }),
  )
  writeFileSync(join(consoleFolder, 'index.html'), '<!doctype html><title>console</title>')
  mkdirSync(join(consoleFolder, 'assets'))
  writeFileSync(join(consoleFolder, 'assets/main-abc123.js'), 'export {}')
  const { url } = parts.use(await startApp(() => undefined, { consoleFolder }))

  for (const path of ['/', '/runs/123', '/agents?page=2']) {
    const response = await fetch(`${url}${path}`, page)
    expect(await response.text()).toContain('<title>console</title>')
    expect(response.headers.get('cache-control')).toBe('no-cache')
  }
  const script = await fetch(`${url}/assets/main-abc123.js`)
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(script.headers.get('content-type')).toContain('javascript')

  expect((await fetch(`${url}/assets/gone.js`, page)).status).toBe(404)
  expect((await fetch(`${url}/v1/unknown`, page)).status).toBe(404)
  expect((await fetch(`${url}/runs/123`)).status).toBe(404)
  expect((await fetch(`${url}/..%2f..%2fetc/passwd`)).status).toBe(404)
})

test('without a built console a page says how to build it', async () => {
  await using server = await startApp(() => undefined)
  const response = await fetch(`${server.url}/`, page)
  expect(response.status).toBe(200)
  expect(await response.text()).toContain('npm run build -w packages/console')
})
