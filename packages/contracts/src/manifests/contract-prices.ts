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
  factor: z.number().gt(0).max(10).optional().describe('list prices times this: 0.8 for a discount of 20 %'),
  tiers: z
    .record(z.string().regex(/^[a-z0-9_-]{1,60}$/), z.number().gt(0).max(10))
    .optional()
    .describe(
      'prices of a service tier times this, by its name in small letters: {priority: 2}; batch and flex are 0.5 when left out',
    ),
  models: z
    .record(z.string().min(1).max(300), ContractPrice)
    .optional()
    .describe('prices of models by name, in USD a million tokens; the factor does not apply to them'),
})
export type ContractPrices = z.infer<typeof ContractPrices>
