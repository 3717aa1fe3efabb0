import * as z from 'zod'

/** Cedar policies that apply in the environment, beside the built-in ones. */
export const PolicySpec = z.strictObject({ cedar: z.string().min(1).max(200_000) })
export type PolicySpec = z.infer<typeof PolicySpec>
