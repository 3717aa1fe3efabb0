import { expect, test } from 'vitest'
import { createHiddenValues } from '../secrets/index.ts'
import { createLogger } from './index.ts'

test('neither fields that carry credentials nor known secrets stand in the log [H3.secrets-not-logged]', () => {
  const lines: string[] = []
  const hidden = createHiddenValues({ CAUSEWAY_SECRET_ORDERS: 's3cret"value' })
  const logger = createLogger({
    level: 'info',
    redact: hidden.redact,
    destination: { write: line => void lines.push(line) },
  })
  logger.info(
    { authorization: 'Bearer cw_1', request: { headers: { cookie: 'causeway_session=cws_2', 'x-api-key': 'cw_3' } } },
    'hello',
  )
  logger.warn({ err: new Error('the provider said s3cret"value is wrong'), key: 'cw_4' }, 'with s3cret"value')
  expect(lines.join('')).not.toMatch(/cw_|cws_|s3cret/)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 30,
    service: 'causeway',
    msg: 'hello',
    authorization: '[hidden]',
  })
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({
    err: { message: 'the provider said [secret] is wrong' },
    msg: 'with [secret]',
  })
})
