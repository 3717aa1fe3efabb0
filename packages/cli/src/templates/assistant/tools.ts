import { tool } from '@causeway/sdk'
import * as z from 'zod'

/** Where your own system is asked. */
const orders = new Map([
  ['1042', 'packing'],
  ['1043', 'delivered'],
])

export const lookUpOrder = tool({
  name: '{{name}}-look-up-order',
  description: 'Looks up how an order stands, by its number.',
  effect: 'read',
  risk: 1,
  input: z.strictObject({ order: z.string().regex(/^\d{4}$/) }),
  execute: ({ order }) => ({ order, status: orders.get(order) ?? 'unknown' }),
})

/** What cannot be undone asks a person: see `causeway approvals list`. */
export const cancelOrder = tool({
  name: '{{name}}-cancel-order',
  description: 'Cancels an order, by its number. It cannot be undone.',
  effect: 'irreversible',
  risk: 3,
  approval: 'always',
  input: z.strictObject({ order: z.string().regex(/^\d{4}$/) }),
  criticalArguments: ['/order'],
  execute: ({ order }) => ({ order, cancelled: orders.delete(order) }),
})

export const tools = [lookUpOrder, cancelOrder]
