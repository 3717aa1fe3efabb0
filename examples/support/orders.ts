/** The orders of a made-up shop, kept in memory. */
export interface Order {
  order: string
  status: 'packing' | 'on its way' | 'delivered'
  arrives: string
  address: string
  total: number
  refunded: boolean
}

const orders = new Map<string, Order>(
  [
    {
      order: '1042',
      status: 'packing',
      arrives: 'Friday',
      address: '12 Harbour Street, Bristol',
      total: 59.9,
      refunded: false,
    } as const,
    {
      order: '1043',
      status: 'on its way',
      arrives: 'tomorrow',
      address: '3 Mill Lane, York',
      total: 120,
      refunded: false,
    } as const,
    {
      order: '1044',
      status: 'delivered',
      arrives: 'last Monday',
      address: '8 Castle Hill, Leeds',
      total: 24.5,
      refunded: false,
    } as const,
  ].map(order => [order.order, { ...order }]),
)

/** What has been done already, by idempotency key: a repeated call changes nothing and gets the first answer. */
const done = new Map<string, unknown>()

/** @throws Error when there is no such order */
export function findOrder(number: string): Order {
  const order = orders.get(number)
  if (!order) throw new Error(`There is no order ${number}.`)
  return order
}

/** Runs a change once for each key. */
export function once<Result>(key: string, change: () => Result): Result {
  if (!done.has(key)) done.set(key, change())
  return done.get(key) as Result
}
