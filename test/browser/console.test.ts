import { expect, test } from 'vitest'
import { calls, type ScriptedWorld } from '../../packages/server/src/testing/scripted-world.ts'
import { signIn, startConsoleWorld, violationsOf } from './console-world.ts'
import { chromiumPath, openBrowser } from './open-browser.ts'

const world = (): Promise<ScriptedWorld> =>
  startConsoleWorld({
    model: {
      respond: ({ messages }) =>
        messages.at(-1)?.role === 'user' ? calls('pay') : { text: 'Paid <b>in full</b>\u202e.' },
    },
    tools: { pay: () => ({ paid: true }) },
    governance: { pay: { effect: 'irreversible', risk: 4 } },
  })

test.skipIf(!chromiumPath)(
  'a person signs in, finds a waiting run, approves its call and sees it end [G2.runs-list, G2.run-timeline, A5.approve-in-console]',
  async () => {
    await using started = await world()
    await using browser = await openBrowser()
    const page = await browser.newPage()
    const failures: string[] = []
    page.on('pageerror', error => failures.push(error.message))
    const { admin } = started.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 1042' })
    await signIn(page, started)

    await page.getByLabel('Status').selectOption('waiting')
    await page.waitForURL(/status=waiting/)
    await page.getByLabel('Status').selectOption('failed')
    await page.getByText('No run fits these filters').waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Pay order 1042' }).click()
    await page.waitForURL(new RegExp(`/runs/${run.id}`))
    await page.getByText('The agent asks to call pay').waitFor()
    await page.getByRole('button', { name: 'Review' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('group', { name: 'Arguments', exact: true }).getByText('"order": "1042"').waitFor()
    await dialog.getByText('Change the arguments').click()
    const edited = dialog.getByLabel('Arguments to send instead, as JSON')
    await edited.fill('{ "order": ')
    await dialog.getByText('This is not a JSON object.').waitFor()
    await edited.fill('{ "order": "7" }')
    await dialog.getByLabel('Comment').fill('go ahead')
    await dialog.getByRole('button', { name: 'Approve as changed' }).click()
    await page.getByRole('heading', { name: 'Run succeeded' }).waitFor()
    // Text of a model is shown as text, and what would be invisible is shown as its code.
    await page.getByText('Paid <b>in full</b>⟨U+202E⟩.').first().waitFor()
    expect(started.world.calls.map(call => call.arguments)).toEqual([{ order: '7' }])
    expect(failures).toEqual([])
  },
)

test.skipIf(!chromiumPath)(
  'a run that works is cancelled in the console, and a page asks to sign in again after signing out [G2.sign-in, A1.cancel]',
  async () => {
    await using started = await startConsoleWorld({
      model: { turns: [{ fault: 'hang' }] },
    })
    await using browser = await openBrowser()
    const page = await browser.newPage()
    const run = await started.causeway.admin.runs.create({ agent: 'clerk', input: 'Take your time' })
    await signIn(page, started)
    await page.goto(`${started.causeway.url}/runs/${run.id}`)
    await page.getByRole('button', { name: 'Cancel run' }).click()
    await page.getByRole('heading', { name: 'Run cancelled' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.goto(`${started.causeway.url}/runs/${run.id}`)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect((await started.causeway.admin.runs.get(run.id)).status).toBe('cancelled')
  },
)

test.skipIf(!chromiumPath).each(['light', 'dark'] as const)(
  'no page has a violation of WCAG 2.2 AA in the %s theme [G2.console-accessible, G2.works-in-both-themes]',
  async colorScheme => {
    await using started = await world()
    await using browser = await openBrowser()
    // The page's own policy forbids the script that judges it.
    const context = await browser.newContext({ colorScheme, bypassCSP: true })
    const page = await context.newPage()
    const run = await started.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 1042' })
    await page.goto(started.causeway.url)
    await page.getByLabel('API key').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await signIn(page, started)
    for (const [path, ready] of [
      ['/runs', 'Pay order 1042'],
      [`/runs/${run.id}`, 'Waits for approval of pay'],
      ['/approvals', 'Review'],
      ['/agents', 'its runs'],
    ] as const) {
      await page.goto(started.causeway.url + path)
      await page.getByText(ready).first().waitFor()
      expect([path, await violationsOf(page)]).toEqual([path, []])
    }
    await page.goto(`${started.causeway.url}/approvals`)
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await violationsOf(page)).toEqual([])
  },
)
