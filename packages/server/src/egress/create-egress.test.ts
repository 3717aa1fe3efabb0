import { request } from 'undici'
import { expect, test } from 'vitest'
import { createEgress } from './create-egress.ts'
import { answerJson, fakeUpstream } from '../models/testing/fake-upstream.ts'

const closed = createEgress({ allowed: [] })

test.each([
  'http://127.0.0.1/',
  'http://127.0.0.2:8080/',
  'http://localhost./',
  'http://LOCALHOST/',
  'http://0/',
  'http://0.1.2.3/',
  'http://172.31.255.255/',
  'http://192.168.255.255/',
  'http://100.127.255.255/',
  'http://168.63.129.16/',
  'http://192.0.0.192/',
  'http://192.0.2.1/',
  'http://192.88.99.1/',
  'http://198.18.0.1/',
  'http://198.51.100.1/',
  'http://203.0.113.7/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[::]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::127.0.0.1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:0:127.0.0.1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001::1]/',
  'http://[2001:db8::1]/',
  'http://[3fff::1]/',
  'http://[fc00::1]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'http://[100::1]/',
  'http://①②⑦.⓪.⓪.①/',
  'http://127.0.0.1%2f@127.0.0.1/',
  'http://user@93.184.216.34/',
  'http://user:secret@93.184.216.34/',
  'https://93.184.216.34:22/',
  'http://93.184.216.34:25/',
  'ftp://93.184.216.34/',
  'file:///etc/passwd',
  'gopher://93.184.216.34/',
  'ws://93.184.216.34/',
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
  expect(await closed.resolve(new URL('https://93.184.216.34/'))).toEqual({ address: '93.184.216.34', family: 4 })
  expect(await closed.resolve(new URL('https://[2606:4700::1111]:8443/'))).toMatchObject({ family: 6 })
})

test('a name with one private address among public ones is not reached, and the address that was checked is the one that is called [B7.dns-rebinding]', async () => {
  const mixed = createEgress({
    allowed: [],
    addressesOf: async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ],
  })
  await expect(mixed.resolve(new URL('http://rebind.example/'))).rejects.toMatchObject({ code: 'egress-denied' })

  await using inside = await fakeUpstream(response => answerJson(response, { ok: true }))
  const { port } = new URL(inside.url)
  let asked = 0
  const rebinding = createEgress({
    allowed: [`rebind.example:${port}`],
    addressesOf: async () => [{ address: asked++ === 0 ? '127.0.0.1' : '93.184.216.34', family: 4 }],
  })
  const response = await rebinding.fetch(`http://rebind.example:${port}/`)
  expect([await response.json(), asked]).toEqual([{ ok: true }, 1])
})

test('a redirect is not followed, wherever it leads [B7.redirects-refused]', async () => {
  await using inside = await fakeUpstream(response => answerJson(response, 'secret'))
  await using outside = await fakeUpstream(response => response.writeHead(302, { location: inside.url }).end())
  const egress = createEgress({ allowed: [`127.0.0.1:${new URL(outside.url).port}`] })
  await expect(egress.fetch(outside.url)).rejects.toThrow('fetch failed')
  expect(inside.requests).toEqual([])
})

test('connections are kept for the address that the name has now, and for no other [B7.dns-rebinding]', async () => {
  const connections = new Set<number | undefined>()
  await using inside = await fakeUpstream(response => {
    connections.add(response.socket?.remotePort)
    answerJson(response, { ok: true })
  })
  const { port } = new URL(inside.url)
  let address = '127.0.0.1'
  const egress = createEgress({
    allowed: [`kept.example:${port}`],
    addressesOf: async () => [{ address, family: 4 }],
  })
  const url = new URL(`http://kept.example:${port}/`)
  const ask = async (): Promise<unknown> => {
    const { dispatcher, isUsed, giveBack } = await egress.lease(url)
    await (await request(url, { dispatcher })).body.json()
    giveBack()
    return isUsed
  }
  expect([await ask(), await ask(), connections.size]).toEqual([false, true, 1])
  // The name is another machine now, where nobody listens.
  address = '127.0.0.2'
  await expect(ask()).rejects.toThrow('ECONNREFUSED')
  await expect(egress.lease(new URL('http://kept.example:1/'))).rejects.toMatchObject({ code: 'egress-denied' })
  await egress.close()
})
