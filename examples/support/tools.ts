import { tool } from '@causeway/sdk'
import * as z from 'zod'
import { findOrder, once } from './orders.ts'

const order = z
  .string()
  .regex(/^\d{4}$/)
  .describe('number of the order, four digits')

/** What the agent may do in the shop, from harmless to risky. */
export const tools = [
  tool({
    name: 'lookup-order',
    description:
      'Finds an order by its number: where it is, when it arrives, and whether the address can still be changed.',
    effect: 'read',
    risk: 1,
    retries: 2,
    input: z.strictObject({ order }),
    output: z.object({
      order: z.string(),
      status: z.string(),
      arrives: z.string(),
      address: z.string(),
      total: z.number(),
      addressChange: z.string(),
    }),
    execute: values => {
      const { refunded: _refunded, ...found } = findOrder(values.order)
      const open = found.status === 'packing'
      return {
        ...found,
        addressChange: open ? 'The address can still be changed.' : 'The address cannot be changed any more.',
      }
    },
  }),
  tool({
    name: 'change-address',
    description: 'Changes the delivery address of an order that has not left the warehouse.',
    effect: 'write',
    risk: 3,
    approval: 'always',
    criticalArguments: ['/order', '/address'],
    idempotent: true,
    input: z.strictObject({ order, address: z.string().min(5).max(200) }),
    output: z.object({ order: z.string(), address: z.string() }),
    execute: ({ order: number, address }, { idempotencyKey }) =>
      once(idempotencyKey, () => {
        const found = findOrder(number)
        if (found.status !== 'packing') throw new Error(`Order ${number} has left the warehouse.`)
        found.address = address
        return { order: number, address }
      }),
  }),
  tool({
    name: 'refund-order',
    description: 'Pays the whole price of an order back to the customer. It cannot be undone.',
    effect: 'irreversible',
    risk: 4,
    approval: 'always',
    criticalArguments: ['/order'],
    input: z.strictObject({ order, reason: z.string().max(500) }),
    output: z.object({ order: z.string(), refunded: z.number() }),
    execute: ({ order: number }, { idempotencyKey }) =>
      once(idempotencyKey, () => {
        const found = findOrder(number)
        if (found.refunded) throw new Error(`Order ${number} has been refunded already.`)
        found.refunded = true
        return { order: number, refunded: found.total }
      }),
  }),
]
