import { CausewayError } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { createSecrets, secretValues } from './index.ts'

const environment = {
  CAUSEWAY_SECRET_ORDERS_API_KEY: 'orders-12345',
  CAUSEWAY_SECRET_ORDERS_LONG: 'orders-12345-and-more',
  CAUSEWAY_SECRET_SHORT: 'abc',
  CAUSEWAY_SECRET_EMPTY: '',
  OPENAI_API_KEY: 'sk-openai-1',
  HOME: '/home/ann',
  DATABASE_URL: 'postgresql://causeway:p%40ssword@localhost/causeway',
}

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
  } catch (error) {
    return error instanceof CausewayError ? `${error.code}: ${error.message}` : undefined
  }
  return undefined
}

test('a secret is found under its own name; the keys of model providers are for providers only [C8.provider-keys-not-for-tools]', () => {
  const secrets = createSecrets({ environment })
  expect(secrets.resolve({ secret: 'ORDERS_API_KEY' }, 'tool')).toBe('orders-12345')
  expect(secrets.resolve({ secret: 'OPENAI_API_KEY' }, 'provider')).toBe('sk-openai-1')
  expect(codeOf(() => secrets.resolve({ secret: 'OPENAI_API_KEY' }, 'tool'))).toMatch(
    /^secret-not-found: .*CAUSEWAY_SECRET_OPENAI_API_KEY\.$/,
  )
  expect(codeOf(() => secrets.resolve({ secret: 'HOME' }, 'provider'))).toMatch(/^secret-not-found/)
  expect(codeOf(() => secrets.resolve({ secret: 'EMPTY' }, 'tool'))).toMatch(/^secret-not-found/)
  expect(codeOf(() => secrets.resolve({ secret: 'ANTHROPIC_API_KEY' }, 'provider'))).toContain('or ANTHROPIC_API_KEY')
})

test('values that were given out are taken out of texts, the longest first', () => {
  const secrets = createSecrets({ environment })
  expect(secrets.redact('orders-12345')).toBe('orders-12345')
  for (const secret of ['ORDERS_API_KEY', 'ORDERS_LONG', 'SHORT']) secrets.resolve({ secret }, 'tool')
  expect(secrets.redact('a orders-12345 b orders-12345-and-more c abc')).toBe('a [secret] b [secret] c abc')
})

test('the values that logs must not show are known from the start', () => {
  expect(secretValues(environment)).toEqual([
    'orders-12345-and-more',
    'orders-12345',
    'sk-openai-1',
    'p%40ssword',
    'p@ssword',
  ])
})
