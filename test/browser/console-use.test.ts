import { errorCatalogue } from '@causeway/contracts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { calls, startScriptedWorld, type ScriptedWorld } from '../../packages/server/src/testing/scripted-world.ts'
import { consoleFolder } from './console-world.ts'
import { chromiumPath, openBrowser } from './open-browser.ts'

const world = (): Promise<ScriptedWorld> =>
  startScriptedWorld({
    kind: 'embedded',
    consoleFolder,
    model: { respond: ({ messages }) => (messages.at(-1)?.role === 'user' ? calls('pay') : { text: 'Paid.' }) },
    tools: { pay: () => ({ paid: true }) },
    governance: { pay: { effect: 'irreversible', risk: 4 } },
  })

/** Fills the form of the sign-in page, wherever the page leads afterwards. */
async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}

const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent')

test.skipIf(!chromiumPath)(
  'a run is found, opened, reviewed and left again with the keyboard alone [G2.console-accessible]',
  async () => {
    await using started = await world()
    await using browser = await openBrowser()
    const page = await browser.newPage()
    const { admin, adminKey, url } = started.causeway
    await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 1' })
    await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 2' })
    await page.goto(`${url}/runs`)
    await signIn(page, adminKey)
    await page.getByRole('link', { name: 'Pay order 2' }).waitFor()

    await page.keyboard.press('/')
    await page.locator('label:has-text("Agent") select:focus').waitFor()
    await page.getByRole('link', { name: 'Pay order 2' }).focus()
    await page.keyboard.press('j')
    expect(await focused(page)).toBe('Pay order 1')
    await page.keyboard.press('k')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/runs\/run_/)
    await page.getByRole('button', { name: 'Review' }).focus()
    await page.keyboard.press('Enter')
    // A key that is pressed too early answers nothing: the question has the focus, not a button.
    await page.getByRole('dialog').waitFor()
    expect(await focused(page)).toBe('clerk asks to call pay')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused(page)).toBe('Review')
    expect(started.world.calls).toEqual([])
  },
)

test.skipIf(!chromiumPath)('whoever may only look is not offered to decide or to cancel', async () => {
  await using started = await world()
  await using browser = await openBrowser()
  const page = await browser.newPage()
  const run = await started.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 1042' })
  const viewer = await started.causeway.clientOf('viewer')
  await page.goto(`${started.causeway.url}/runs/${run.id}`)
  await signIn(page, viewer.key)
  await page.getByText('viewer, in dev').waitFor()
  await page.getByRole('button', { name: 'Review' }).click()
  await page.getByText('Your key does not have the right approvals:decide.').waitFor()
  expect(await page.getByRole('button', { name: /Approve|Deny|Cancel run/ }).count()).toBe(0)
})

test.skipIf(!chromiumPath)('a session that ended leads to the sign-in and back to where the reader was', async () => {
  await using started = await world()
  await using browser = await openBrowser()
  const page = await browser.newPage()
  const { url, adminKey } = started.causeway
  await page.goto(`${url}/runs?environment=dev&status=failed`)
  await signIn(page, adminKey)
  await page.getByText('No run fits these filters').waitFor()
  expect(page.url()).toBe(`${url}/runs?environment=dev&status=failed`)
  await page.context().clearCookies()
  await page.getByLabel('API key').waitFor()
  await signIn(page, adminKey)
  await page.getByText('No run fits these filters').waitFor()
  expect(page.url()).toContain('status=failed')
})

test.skipIf(!chromiumPath)(
  'the filters are held in the address and reach the platform: agent, status, time and session [G2.runs-list]',
  async () => {
    await using started = await world()
    await using browser = await openBrowser()
    const page = await browser.newPage()
    const { admin, adminKey, url } = started.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 1' })
    await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 2' })
    await page.goto(`${url}/runs?session=${run.sessionId}`)
    await signIn(page, adminKey)
    await page.getByRole('link', { name: 'Pay order 1' }).waitFor()
    expect(await page.getByRole('row').count()).toBe(2)
    await page.getByLabel('Created').selectOption('1h')
    await page.waitForURL(/since=1h/)
    await page.getByLabel('Created').selectOption('custom')
    await page.getByLabel('Until').fill('2020-01-01T00:00')
    await page.getByLabel('Until').blur()
    await page.getByText('No run fits these filters').waitFor()
    expect(page.url()).toContain(run.sessionId)
    await page.getByRole('link', { name: 'Show all runs' }).click()
    await page.getByRole('link', { name: 'Pay order 2' }).waitFor()
  },
)

test.skipIf(!chromiumPath)(
  'pages fit a width of 320 pixels, keep to their own security policy and load little [G2.console-accessible, G2.security-headers]',
  async () => {
    await using started = await world()
    await using browser = await openBrowser()
    const page = await browser.newPage({ viewport: { width: 320, height: 640 } })
    const complaints: string[] = []
    page.on('console', message => {
      if (/policy|violat/i.test(message.text())) complaints.push(message.text())
    })
    const { admin, adminKey, url } = started.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: `Pay order ${'1042'.repeat(30)}` })
    await page.goto(url)
    await signIn(page, adminKey)
    for (const [path, ready] of [
      ['/runs', 'Pay order'],
      [`/runs/${run.id}`, 'Waits for approval'],
      ['/approvals', 'Review'],
      ['/agents', 'its runs'],
    ] as const) {
      await page.goto(url + path)
      await page.getByText(ready).first().waitFor()
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 320])
    }
    expect(complaints).toEqual([])
    const index = readFileSync(join(consoleFolder, 'index.html'), 'utf8')
    const files = [...index.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, file]) =>
      join(consoleFolder, file ?? ''),
    )
    const bytes = files.map(file => gzipSync(readFileSync(file)).length).reduce((sum, each) => sum + each, 0)
    expect(files.length).toBeGreaterThan(1)
    expect(bytes).toBeLessThan(150 * 1024)
  },
)

test.skipIf(!chromiumPath)(
  'what goes wrong is said with what to do: a wrong key, a run that is not there, a right that is missing, a platform that is away [G2.unhappy-answers-explained]',
  async () => {
    await using started = await world()
    await using browser = await openBrowser()
    const page = await browser.newPage()
    const { admin, clientOf, url } = started.causeway
    await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 1' })
    const alert = page.getByRole('alert')
    await page.goto(`${url}/runs`)
    await page.getByLabel('API key').fill('cw_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await alert.getByText('The API key is not valid.').waitFor()
    const { key } = await clientOf('viewer')
    await signIn(page, key)

    await page.goto(`${url}/runs/run_nothing`)
    await alert.getByText('There is no run run_nothing').waitFor()
    await alert.getByText(errorCatalogue['not-found'].remedy).waitFor()

    await page.goto(`${url}/approvals`)
    await page.getByText('clerk asks to call pay').first().waitFor()
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)

    await page.route('**/v1/runs*', route => route.abort())
    await page.goto(`${url}/runs`)
    await alert.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 30_000 })
    await page.unroute('**/v1/runs*')
    await alert.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('link', { name: 'Pay order 1' }).waitFor()
    expect(await alert.count()).toBe(0)
  },
)
