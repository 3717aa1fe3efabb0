import * as z from 'zod'

const usdPerMillion = z.number().min(0).max(100_000)

const ContractPrice = z.strictObject({
  input: usdPerMillion,
  output: usdPerMillion,
  cachedInput: usdPerMillion.optional().describe('input read from a cache; as input when left out'),
  cacheWrite: usdPerMillion.optional().describe('input written to a cache; as input when left out'),
})
export type ContractPrice = z.infer<typeof ContractPrice>

/** What is paid to a provider where that is not what its price list says. */
export const ContractPrices = z.strictObject({
  factor: z
    .number()
    .gt(0)
    .max(10)
    .optional()
    .describe(
      'list prices times this: 0.8 for a discount of 20 %, 0.5 for batches, 2 for a service tier at twice the price',
    ),
  models: z
    .record(z.string().min(1).max(300), ContractPrice)
    .optional()
    .describe('prices of models by name, in USD a million tokens; the factor does not apply to them'),
})
export type ContractPrices = z.infer<typeof ContractPrices>
