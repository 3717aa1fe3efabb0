import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const candidates = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Where Chromium is on this machine, if it is. */
export const chromiumPath = candidates.find(path => path !== undefined && existsSync(path))

if (!chromiumPath)
  process.stderr.write(
    'Tests in a browser are skipped: no Chromium was found (set CHROMIUM_PATH, or Debian: apt-get install chromium).\n',
  )

/** Starts Chromium without a window and without calls to anywhere but the pages under test. */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() })
}
