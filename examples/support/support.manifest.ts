import { agent, route } from '@causeway/sdk'
import { realTargets } from '../models.manifest.ts'
import { tools } from './tools.ts'

export const toolManifests = tools.map(({ manifest }) => manifest)

export const supportRoute = route({
  name: 'support',
  targets: [...realTargets, { provider: 'support-rehearsal', model: 'rehearsal' }],
})

export const support = agent({
  name: 'support',
  description: 'Answers customers of a shop about their orders.',
  instructions: [
    'You help customers of a shop with their orders. Look the order up before you say anything about it.',
    'Change an address only when the customer gives the new one. Refund only when the customer asks for it.',
    'Answer in at most three sentences.',
  ].join('\n'),
  model: 'support',
  tools: tools.map(({ manifest }) => manifest.name),
  limits: { steps: 10, toolCalls: 10, tokens: 100_000, costUsd: 0.5, seconds: 120 },
})
