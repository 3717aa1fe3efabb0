import { agent, provider, route } from '@causeway/sdk'
import { tools } from './tools.ts'

export const toolManifests = tools.map(({ manifest }) => manifest)

/** Its key is looked for in the platform's secrets: causeway secrets set OPENAI_API_KEY. Until then the rehearsal answers. */
export const openai = provider({
  name: 'openai',
  type: 'openai-compatible',
  baseUrl: 'https://api.openai.com/v1',
  apiKey: { secret: 'OPENAI_API_KEY' },
})

export const models = route({
  name: '{{name}}',
  targets: [
    { provider: 'openai', model: 'gpt-5-mini' },
    { provider: '{{name}}-rehearsal', model: 'rehearsal' },
  ],
})

export const assistant = agent({
  name: '{{name}}',
  instructions: 'You help people with their orders. Look an order up before you say anything about it.',
  model: '{{name}}',
  tools: tools.map(({ manifest }) => manifest.name),
  limits: { steps: 10, toolCalls: 10, costUsd: 0.2, seconds: 120 },
})
