import { agent, governedTools, provider, route } from '@causeway/sdk'
import { expect, test } from 'vitest'
import { answerJson, fakeUpstream } from '../../packages/server/src/models/testing/fake-upstream.ts'
import { startTestPlatform } from '../../packages/server/src/testing/start-test-platform.ts'
import { consoleFolder, violationsOf } from './console-world.ts'
import { chromiumPath, openBrowser } from './open-browser.ts'

const answer = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Good morning.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
}

test.skipIf(!chromiumPath).each(['light', 'dark'] as const)(
  'a person finds out in the %s console why a request was refused and what another one tried, by keyboard too [G3.model-calls-explained, G2.console-accessible]',
  async colorScheme => {
    await using broken = await fakeUpstream(response => answerJson(response, { error: { message: 'down' } }, 503))
    await using works = await fakeUpstream(response => answerJson(response, answer))
    await using causeway = await startTestPlatform({ kind: 'embedded', consoleFolder })
    const { url, admin, adminKey } = causeway
    await causeway.apply(
      provider({ name: 'first', type: 'openai-compatible', baseUrl: `${broken.url}/v1` }),
      provider({ name: 'second', type: 'openai-compatible', baseUrl: `${works.url}/v1` }),
      route({
        name: 'chat',
        targets: [
          { provider: 'first', model: 'gpt-4o-mini' },
          { provider: 'second', model: 'gpt-4o-mini' },
        ],
      }),
      { kind: 'Budget', name: 'one-a-day', spec: { window: 'day', limits: { requests: 1 } } },
    )
    await using browser = await openBrowser()
    // The page's own policy forbids the script that judges it.
    const page = await (await browser.newContext({ colorScheme, bypassCSP: true })).newPage()
    const failures: string[] = []
    page.on('pageerror', error => failures.push(error.message))
    await page.goto(`${url}/model-calls`)
    await page.getByLabel('API key').fill(adminKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('No requests to the model gateway yet').waitFor()
    expect(await violationsOf(page)).toEqual([])

    for (let round = 0; round < 2; round++) {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hello' }] }),
      })
      await response.text()
    }
    await expect.poll(async () => (await admin.modelCalls.list()).data, { timeout: 5000 }).toHaveLength(2)
    await page.reload()
    await page.getByText('budget-exceeded').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await page.getByRole('link', { name: 'chat', exact: true }).first().focus()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Model call completed' }).waitFor()
    await page.getByText('priority: first of its order').waitFor()
    await page
      .getByText('failed: capacity, status 503')
      .or(page.getByText('failed: transient, status 503'))
      .first()
      .waitFor()
    await page.getByText('2. second / gpt-4o-mini').or(page.getByText('second / gpt-4o-mini')).first().waitFor()
    expect(await violationsOf(page)).toEqual([])

    await page.goBack()
    await page.getByLabel('Outcome').selectOption('failed')
    await page.waitForURL(/outcome=failed/)
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
    await page.getByLabel('Provider').fill('nobody')
    await page.keyboard.press('Enter')
    await page.waitForURL(/provider=nobody/)
    await page.getByText('No model call fits these filters').waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'chat', exact: true }).click()
    await page.getByRole('heading', { name: 'Model call failed' }).waitFor()
    await page.getByText('The budget "one-a-day" has no room').waitFor()
    expect(await violationsOf(page)).toEqual([])
    expect(failures).toEqual([])
  },
)

test.skipIf(!chromiumPath)(
  'a call of a loop that a team has written itself stands in the log of its session, which leads to how it was called [G3.model-calls-explained]',
  async () => {
    await using works = await fakeUpstream(response => answerJson(response, answer))
    await using causeway = await startTestPlatform({ kind: 'embedded', consoleFolder })
    const { url, admin, adminKey } = causeway
    await causeway.apply(
      provider({ name: 'only', type: 'openai-compatible', baseUrl: `${works.url}/v1` }),
      route({ name: 'chat', targets: [{ provider: 'only', model: 'gpt-4o-mini' }] }),
      agent({ name: 'clerk', instructions: 'Help.', model: 'chat' }),
    )
    const { modelHeaders, sessionId } = await governedTools(admin, { agent: 'clerk', input: 'hello' })
    const called = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', ...modelHeaders },
      body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hello' }] }),
    })
    await called.text()
    await expect.poll(async () => (await admin.runs.list({ sessionId })).data, { timeout: 5000 }).toHaveLength(1)
    const [run] = (await admin.runs.list({ sessionId })).data

    await using browser = await openBrowser()
    const page = await (await browser.newContext({ bypassCSP: true })).newPage()
    await page.goto(`${url}/runs/${run?.id}`)
    await page.getByLabel('API key').fill(adminKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('1,000 in, 100 out').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await page.getByRole('button', { name: /Model call/ }).click()
    await page.getByRole('link', { name: 'How it was called' }).click()
    await page.getByRole('heading', { name: 'Model call completed' }).waitFor()
  },
)
