import { expect, test } from 'vitest'
import { gatewayForTest } from '../../testing/gateway-for-test.ts'
import { answerJson, fakeUpstream } from '../../testing/fake-upstream.ts'
import { routeOver } from '../../testing/models-for-test.ts'
import { deploymentUrl } from './endpoint.ts'

const answer = {
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-5-nano',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 },
}

test.each([
  [undefined, '/openai/v1/chat/completions'],
  ['preview', '/openai/v1/chat/completions?api-version=preview'],
  ['2024-10-21', '/openai/deployments/nano/chat/completions?api-version=2024-10-21'],
])('a deployment is called in version %s of the API [C2.azure-openai]', async (apiVersion, url) => {
  await using upstream = await fakeUpstream(response => answerJson(response, answer))
  await using gateway = await gatewayForTest({
    manifests: routeOver({
      provider: {
        kind: 'Provider',
        name: 'azure',
        spec: {
          type: 'azure-openai',
          baseUrl: upstream.url,
          apiKey: { secret: 'AZURE_KEY' },
          ...(apiVersion && { apiVersion }),
        },
      },
      model: 'nano',
    }),
    secrets: { AZURE_KEY: 'azure-key' },
  })
  const { choices } = await gateway.client.chat.completions.create({
    model: 'chat',
    messages: [{ role: 'user', content: 'Hi' }],
  })
  expect(choices[0]?.message.content).toBe('Hi.')
  const [received] = upstream.requests
  expect(received).toMatchObject({ url, headers: { 'api-key': 'azure-key' } })
  expect(received?.headers.authorization).toBeUndefined()
})

test('addresses as the portal shows them lead to the same place [C2.azure-openai]', () => {
  const url = (baseUrl: string, apiVersion?: string): string =>
    deploymentUrl(
      {
        scope: { organisationId: 'organisation', environmentId: 'environment' },
        provider: 'azure',
        model: 'a b',
        spec: { type: 'azure-openai', baseUrl, apiKey: { secret: 'K' }, ...(apiVersion && { apiVersion }) },
      },
      '/responses',
    )
  expect(url('https://x.openai.azure.com/')).toBe('https://x.openai.azure.com/openai/v1/responses')
  expect(url('https://x.openai.azure.com/openai/v1/')).toBe('https://x.openai.azure.com/openai/v1/responses')
  expect(url('https://x.openai.azure.com', '2025-04-01-preview')).toBe(
    'https://x.openai.azure.com/openai/responses?api-version=2025-04-01-preview',
  )
})
