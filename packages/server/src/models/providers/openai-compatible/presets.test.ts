import { expect, test } from 'vitest'
import { presetNames, presetOf } from './presets.ts'

test.each([
  ['https://api.openai.com/v1', 'openai'],
  ['https://eu.api.openai.com/v1', 'openai'],
  ['https://api.deepseek.com', 'deepseek'],
  ['https://api.deepseek.com/beta/', 'deepseek-beta'],
  ['https://api.deepseek.com/betatest', 'deepseek'],
  ['https://myorg-myaccount.snowflakecomputing.com/api/v2/cortex/v1', 'snowflake-cortex'],
  ['https://generativelanguage.googleapis.com/v1beta/openai', 'gemini-openai-compat'],
  ['https://api.mistral.ai/v1', 'mistral'],
  ['http://localhost:11434/v1', 'ollama'],
  ['https://api.openai.com.example.org/v1', 'openai-compatible'],
  ['http://10.0.0.7:8000/v1', 'openai-compatible'],
])('the server at %s is known as %s [C2.openai-compatible]', (baseUrl, name) => {
  expect(presetOf({ baseUrl }).name).toBe(name)
})

test('a preset that is named wins over the address [C2.openai-compatible]', () => {
  expect(presetOf({ baseUrl: 'http://10.0.0.7:8000/v1', preset: 'vllm' })).toMatchObject({
    name: 'vllm',
    quirks: { prefillField: 'continue_final_message' },
  })
  expect(presetOf({ baseUrl: 'https://api.openai.com/v1', preset: 'nobody' }).name).toBe('openai')
  expect(new Set(presetNames).size).toBe(presetNames.length)
})
