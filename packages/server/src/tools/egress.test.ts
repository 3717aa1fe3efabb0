import { expect, test } from 'vitest'
import { createEgress } from './egress.ts'
import { requestOf } from './http-tool.ts'

const closed = createEgress({ allowed: [] })

test.each([
  'http://127.0.0.1/',
  'http://localhost/',
  'http://0.0.0.0/',
  'http://10.1.2.3/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://100.64.0.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[fd00::1]/',
  'http://[fe80::1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://127.1/',
])('a tool does not reach %s unless the operator allows it [B7.ssrf]', async address => {
  await expect(closed.resolve(new URL(address))).rejects.toMatchObject({ code: 'egress-denied' })
})

test('the operator allows a host with one port, or with every port [B7.ssrf]', async () => {
  const one = createEgress({ allowed: ['127.0.0.1:4110'] })
  expect(await one.resolve(new URL('http://127.0.0.1:4110/'))).toEqual({ address: '127.0.0.1', family: 4 })
  await expect(one.resolve(new URL('http://127.0.0.1:4111/'))).rejects.toMatchObject({ code: 'egress-denied' })
  const every = createEgress({ allowed: ['127.0.0.1:*'] })
  expect(await every.resolve(new URL('http://127.0.0.1:5/'))).toMatchObject({ address: '127.0.0.1' })
})

test('public addresses are reached as they are', async () => {
  expect(await closed.resolve(new URL('https://203.0.113.7/'))).toEqual({ address: '203.0.113.7', family: 4 })
})

test('arguments in a URL stay inside their segment', () => {
  const http = (url: string) => ({ type: 'http' as const, method: 'GET' as const, url, headers: {} })
  const { url } = requestOf(http('https://shop.example/orders/{id}'), { id: '../admin?x=1#y', note: 'a&b' })
  expect(url.href).toBe('https://shop.example/orders/..%2Fadmin%3Fx%3D1%23y?note=a%26b')
  expect(() => requestOf(http('https://shop.example/orders/{id}/x'), { id: '..' })).toThrow('cannot stand in the URL')
  expect(() => requestOf(http('https://shop.example/orders/{id}'), { id: { a: 1 } })).toThrow('must be a string')
})
