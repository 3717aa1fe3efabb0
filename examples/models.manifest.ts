/** Where the examples find a model. Routes try these in order and take the first that is there. */
import { provider } from '@causeway/sdk'

const { OPENAI_BASE_URL, OPENAI_MODEL, ANTHROPIC_BASE_URL, ANTHROPIC_MODEL } = process.env

export const openai = provider({
  name: 'openai',
  type: 'openai-compatible',
  baseUrl: OPENAI_BASE_URL || 'https://api.openai.com/v1',
  apiKey: { secret: 'OPENAI_API_KEY' },
})

export const anthropic = provider({
  name: 'anthropic',
  type: 'anthropic',
  ...(ANTHROPIC_BASE_URL && { baseUrl: ANTHROPIC_BASE_URL }),
  apiKey: { secret: 'ANTHROPIC_API_KEY' },
})

export const local = provider({ name: 'local', type: 'local' })

export const ollama = provider({
  name: 'ollama',
  type: 'openai-compatible',
  baseUrl: 'http://127.0.0.1:11434/v1',
  optional: true,
})

export const vllm = provider({
  name: 'vllm',
  type: 'openai-compatible',
  baseUrl: 'http://127.0.0.1:8000/v1',
  optional: true,
})

/** The targets of the examples' routes, before the rehearsal that each of them ends with. */
export const realTargets = [
  { provider: 'openai', model: OPENAI_MODEL || 'gpt-5-mini' },
  { provider: 'anthropic', model: ANTHROPIC_MODEL || 'claude-haiku-4-5' },
  { provider: 'local', model: 'local' },
  { provider: 'ollama', model: 'auto' },
  { provider: 'vllm', model: 'auto' },
]
