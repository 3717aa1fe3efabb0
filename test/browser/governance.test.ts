import { agent, memoryStore, serviceLevelObjective } from '@causeway/sdk'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { calls, worldTool } from '../../packages/server/src/testing/scripted-world.ts'
import { startConsoleWorld, signIn, violationsOf } from './console-world.ts'
import { chromiumPath, openBrowser } from './open-browser.ts'

const main = (page: Page) => page.getByRole('navigation', { name: 'Main' })

test.skipIf(!chromiumPath)(
  'a reviewer reads what a tool is and what the checks found, says why not, and says yes to the next version [B2.review, G2.console-accessible]',
  async () => {
    await using started = await startConsoleWorld({ model: { turns: [{ text: 'Done.' }] } })
    await using browser = await openBrowser()
    const page = await (await browser.newContext({ bypassCSP: true })).newPage()
    const author = await started.causeway.clientOf('developer')
    const tool = (description: string) => worldTool(started.world, 'lookup', { description, risk: 2 })
    const refused = await author.toolReviews.submit({ manifest: tool('Looks up an order <b>by</b> number\u00ad.') })
    await signIn(page, started)

    await main(page).getByRole('link', { name: 'Tool reviews' }).click()
    if (refused.state === 'rejected') {
      await page.getByText('No tool waits for a review').waitFor()
      await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: 'rejected' }).click()
      await page.getByRole('link', { name: 'See it lookup' }).click()
      await page.getByText('It has characters that nobody sees.').waitFor()
    }
    await author.toolReviews.submit({ manifest: tool('Looks up an order by its number, and says where it is.') })
    await main(page).getByRole('link', { name: 'Tool reviews' }).click()
    await page.getByRole('link', { name: 'Review lookup' }).click()
    await page.getByRole('heading', { name: 'What the checks have found' }).waitFor()
    await page.getByText('poisoning passed').waitFor()
    expect(await violationsOf(page)).toEqual([])
    const reject = page.getByRole('button', { name: 'Reject' })
    expect(await reject.isDisabled()).toBe(true)
    await page.getByLabel('Comment').fill('Looks fine to me')
    expect(await reject.isDisabled()).toBe(false)
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('button', { name: 'Deprecate' }).waitFor()
    await page.getByText('Looks fine to me').waitFor()
    const { data } = await started.causeway.admin.toolReviews.list({ state: 'approved' })
    expect(data).toMatchObject([{ tool: 'lookup', history: [{ action: 'submit' }, { action: 'approve' }] }])
  },
)

test.skipIf(!chromiumPath)(
  'who is on call freezes a tool with one press, and lifts it by its name [B2.kill-switch, G2.console-accessible]',
  async () => {
    await using started = await startConsoleWorld({
      model: { respond: ({ messages }) => (messages.at(-1)?.role === 'user' ? calls('lookup') : { text: 'Done.' }) },
    })
    const { admin } = started.causeway
    await using browser = await openBrowser()
    const page = await (await browser.newContext({ bypassCSP: true })).newPage()
    await signIn(page, started)
    await main(page).getByRole('link', { name: 'Freezes' }).click()
    await page.getByText('Nothing is frozen').waitFor()
    const form = page.getByRole('form', { name: 'Freeze', exact: true })
    await form.getByLabel('Name').fill('lookup')
    await form.getByLabel('Why').fill('It answers with the orders of others')
    await form.getByRole('button', { name: 'Freeze' }).click()
    await page.getByRole('heading', { name: 'tool lookup' }).waitFor()
    expect(await violationsOf(page)).toEqual([])
    await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
    expect(started.world.calls).toEqual([])

    const lift = page.getByRole('form', { name: 'Lift the freeze of tool lookup' })
    expect(await lift.getByRole('button', { name: 'Lift' }).isDisabled()).toBe(true)
    await lift.getByRole('textbox').fill('lookup')
    await lift.getByRole('button', { name: 'Lift' }).click()
    await page.getByText('Nothing is frozen').waitFor()
    await page.getByRole('link', { name: 'Lifted' }).click()
    await page.getByText('It answers with the orders of others').waitFor()
    await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
    expect(started.world.calls).toHaveLength(1)
  },
)

test.skipIf(!chromiumPath)(
  'what is remembered of a person is found, with how far it can be relied on, and erased with a second press [D6.memory, D6.memory-export, G2.console-accessible]',
  async () => {
    await using started = await startConsoleWorld({
      model: {
        turns: [{ toolCalls: [{ name: 'remember', arguments: { text: 'Sits on the aisle.' } }] }, { text: 'Noted.' }],
      },
    })
    const { admin, apply } = started.causeway
    await apply(
      memoryStore({ name: 'notes', keepDays: 30 }),
      {
        kind: 'Tool',
        name: 'remember',
        spec: {
          description: 'Remembers.',
          input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
          effect: 'write',
          risk: 1,
          implementation: { type: 'memory', store: 'notes', operation: 'remember' },
        },
      },
      agent({ name: 'clerk', instructions: 'Help.', model: 'clerk', tools: ['remember'] }),
    )
    await using browser = await openBrowser()
    const page = await (await browser.newContext({ bypassCSP: true })).newPage()
    await signIn(page, started)
    await main(page).getByRole('link', { name: 'Memories' }).click()
    await page.getByText('Nothing is remembered yet').waitFor()
    const { requestedBy } = await admin.runs.createAndWait({ agent: 'clerk', input: 'I like the aisle.' })
    await page.reload()
    await page.getByText('Sits on the aisle.').waitFor()
    await page.getByText('trusted, worded by the model').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await page.getByLabel('Person').fill('user:nobody')
    await page.getByLabel('Person').press('Enter')
    await page.getByText('No memory fits these filters').waitFor()
    await page.getByLabel('Person').fill(requestedBy)
    await page.getByLabel('Person').press('Enter')
    await page.getByRole('button', { name: 'Erase' }).click()
    await page.getByRole('button', { name: 'Keep' }).click()
    await page.getByRole('button', { name: 'Erase' }).click()
    await page.getByRole('button', { name: 'Erase for good' }).click()
    await page.getByText('No memory fits these filters').waitFor()
    expect((await admin.memories.list()).data).toEqual([])
  },
)

test.skipIf(!chromiumPath)(
  'from a run that went wrong an incident is opened, taken on, and resolved with what it was [E6.incident-workflow, G2.console-accessible]',
  async () => {
    await using started = await startConsoleWorld({ model: { respond: () => ({ text: 'Hi.' }) } })
    const { admin } = started.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'hi' })
    await using browser = await openBrowser()
    const page = await (await browser.newContext({ bypassCSP: true })).newPage()
    await signIn(page, started)
    await page.goto(`${started.causeway.url}/runs/${run.id}`)
    await page.getByRole('link', { name: 'Incidents about it' }).click()
    await page.getByText('No incident').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await page.getByLabel('What went wrong').fill('It greets everybody')
    await page.getByRole('button', { name: 'Open incident' }).click()
    await page.getByRole('heading', { name: 'It greets everybody' }).waitFor()
    expect(await page.getByRole('link', { name: `run ${run.id}` }).isVisible()).toBe(true)
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    const timeline = page.getByRole('list', { name: 'Timeline' })
    await timeline.getByText('acknowledged').waitFor()
    const resolve = page.getByRole('button', { name: 'Resolve' })
    expect(await resolve.isDisabled()).toBe(true)
    await page.getByLabel('What was found or done').fill('It was told to greet everybody.')
    await resolve.click()
    await page.getByRole('button', { name: 'Open again' }).waitFor()
    await timeline.getByText('It was told to greet everybody.').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await main(page).getByRole('link', { name: 'Incidents' }).click()
    await page.getByRole('link', { name: 'It greets everybody' }).waitFor()
    const { data } = await admin.incidents.list({ about: run.id, status: 'resolved' })
    expect(data).toMatchObject([{ title: 'It greets everybody', about: [{ kind: 'run', id: run.id }] }])
  },
)

test.skipIf(!chromiumPath)(
  'what is promised is shown with what is left of its error budget [G4.error-budgets, G2.console-accessible]',
  async () => {
    await using started = await startConsoleWorld({ model: { respond: () => ({ text: 'Hi.' }) } })
    const { admin, apply } = started.causeway
    await using browser = await openBrowser()
    const page = await (await browser.newContext({ bypassCSP: true })).newPage()
    await signIn(page, started)
    await main(page).getByRole('link', { name: 'Objectives' }).click()
    await page.getByText('Nothing is promised yet').waitFor()
    await apply(serviceLevelObjective({ name: 'help', of: 'runs', agent: 'clerk', target: 95 }))
    await page.reload()
    await page.getByText('95 % of runs of clerk are to be good over 28 days').waitFor()
    await page.getByText('Nothing was counted yet').waitFor()
    await admin.runs.createAndWait({ agent: 'clerk', input: 'hi' })
    await expect.poll(async () => (await admin.serviceLevelObjectives.get('help')).good).toBe(1)
    await page.reload()
    await page.getByText('100.00 % good').waitFor()
    await page.getByText('100.0 % of the error budget left').waitFor()
    expect(await violationsOf(page)).toEqual([])
  },
)
