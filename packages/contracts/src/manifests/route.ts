import * as z from 'zod'
import { Name } from '../names.ts'

/** One model at one provider. */
export const RouteTarget = z.strictObject({ provider: Name, model: z.string().min(1).max(200) })
export type RouteTarget = z.infer<typeof RouteTarget>

/** The model name that agents and clients use; the first target whose provider is available answers. */
export const RouteSpec = z.strictObject({ targets: z.array(RouteTarget).min(1).max(32) })
export type RouteSpec = z.infer<typeof RouteSpec>
