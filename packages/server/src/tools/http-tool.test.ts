import { expect, test } from 'vitest'
import { requestOf } from './http-tool.ts'

test('arguments in a URL stay inside their segment', () => {
  const http = (url: string) => ({ type: 'http' as const, method: 'GET' as const, url, headers: {} })
  const { url } = requestOf(http('https://shop.example/orders/{id}'), { id: '../admin?x=1#y', note: 'a&b' })
  expect(url.href).toBe('https://shop.example/orders/..%2Fadmin%3Fx%3D1%23y?note=a%26b')
  expect(() => requestOf(http('https://shop.example/orders/{id}/x'), { id: '..' })).toThrow('cannot stand in the URL')
  expect(() => requestOf(http('https://shop.example/orders/{id}'), { id: { a: 1 } })).toThrow('must be a string')
})
