import { checkManifest, Manifest } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { toolsInDocument } from './tools-in-document.ts'

const document = {
  openapi: '3.0.3',
  info: { title: 'Shop', version: '1' },
  servers: [{ url: 'https://shop.example/v1' }],
  security: [{ apiKey: [] }],
  components: {
    schemas: {
      Order: {
        type: 'object',
        required: ['item'],
        properties: {
          item: { type: 'string', nullable: true, example: 'rope' },
          count: { type: 'integer', minimum: 0, exclusiveMinimum: true },
        },
      },
      Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } },
    },
    parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
  },
  paths: {
    '/orders/{id}': {
      parameters: [{ $ref: '#/components/parameters/id' }],
      get: {
        operationId: 'getOrder',
        summary: 'Finds an order.',
        parameters: [{ name: 'fields', in: 'query', schema: { type: 'array', items: { type: 'string' } } }],
      },
      delete: { operationId: 'deleteOrder', summary: 'Removes an order.' },
    },
    '/orders': {
      post: {
        operationId: 'createOrder',
        summary: 'Makes an order.',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
        },
        parameters: [{ name: 'trace', in: 'header', schema: { type: 'string' } }],
      },
      get: { operationId: 'cancelOrder', summary: 'Cancels by a GET.' },
    },
    '/refunds': {
      post: {
        operationId: 'refundOrder',
        requestBody: { content: { 'application/json': { schema: { type: 'object', properties: {} } } } },
      },
    },
    '/upload': { post: { operationId: 'upload', requestBody: { content: { 'multipart/form-data': {} } } } },
    '/tree': {
      post: {
        operationId: 'tree',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Node' } } } },
      },
    },
    '/far': { get: { operationId: 'far', parameters: [{ $ref: 'https://evil.example/p.json' }] } },
    '/search': {
      post: { operationId: 'search', parameters: [{ name: 'q', in: 'query', required: true, schema: {} }] },
    },
  },
}
const tools = toolsInDocument(document, { prefix: 'shop' })
const tool = (operation: string) => tools.find(each => each.operation === operation)

describe('the operations of an OpenAPI document', () => {
  test('become drafts with arguments, effect and risk that its methods and words suggest [B4.openapi]', () => {
    expect(tool('GET /orders/{id}')?.manifest).toEqual({
      kind: 'Tool',
      name: 'shop-get-order',
      spec: {
        description: 'Finds an order.',
        input: {
          type: 'object',
          properties: { fields: { type: 'array', items: { type: 'string' } }, id: { type: 'string' } },
          required: ['id'],
          additionalProperties: false,
        },
        effect: 'read',
        risk: 1,
        criticalArguments: ['/id'],
        implementation: { type: 'http', method: 'GET', url: 'https://shop.example/v1/orders/{id}' },
      },
    })
    expect(tool('POST /orders')?.manifest?.spec.input).toEqual({
      type: 'object',
      properties: { item: { type: ['string', 'null'] }, count: { type: 'integer', exclusiveMinimum: 0 } },
      required: ['item'],
      additionalProperties: false,
    })
    const suggested = tools.flatMap(({ manifest }) =>
      manifest ? [[manifest.name, manifest.spec.effect, manifest.spec.risk]] : [],
    )
    expect(suggested).toEqual([
      ['shop-get-order', 'read', 1],
      ['shop-delete-order', 'irreversible', 3],
      ['shop-cancel-order', 'write', 3],
      ['shop-create-order', 'write', 3],
      ['shop-refund-order', 'irreversible', 3],
    ])
    for (const { manifest } of tools) if (manifest) expect(checkManifest(Manifest.parse(manifest))).toEqual([])
  })

  test('that a tool cannot send are refused with the reason, and what is left out is said [B4.openapi]', () => {
    const refused = Object.fromEntries(
      tools.filter(({ manifest }) => !manifest).map(({ operation, findings }) => [operation, findings[0]?.message]),
    )
    expect(refused).toEqual({
      'POST /upload': 'Its body is not a JSON object with named members.',
      'POST /tree': 'It leads back to itself at #/components/schemas/Node.',
      'GET /far': 'It refers to another document: https://evil.example/p.json.',
      'POST /search': 'It needs the query parameter q, which a tool of this method does not send.',
    })
    expect(tool('POST /orders')?.findings.map(({ rule }) => rule)).toEqual(['needs-credentials', 'parameter-left-out'])
    expect(tool('GET /orders')?.findings.map(({ rule }) => rule)).toEqual(['needs-credentials', 'not-only-a-read'])
  })

  test.each([
    [{ swagger: '2.0', paths: {} }, 'openapi'],
    [{ ...document, openapi: '4.0.0' }, 'expected OpenAPI 3.0 or 3.1'],
    [{ ...document, servers: [{ url: '/v1' }] }, 'names no server'],
    [{ ...document, paths: [] }, 'paths'],
  ])('are not looked for in what is no such document: %#', (broken, message) => {
    expect(() => toolsInDocument(broken, { prefix: 'shop' })).toThrow(message)
  })
})
