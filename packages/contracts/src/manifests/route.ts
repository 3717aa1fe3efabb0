import * as z from 'zod'
import { Name } from '../names.ts'

/** What a request may need a model to be able to do. */
export const ModelCapability = z.enum(['tools', 'images', 'audio', 'documents', 'json-schema', 'reasoning'])
export type ModelCapability = z.infer<typeof ModelCapability>

/** One model at one provider. */
export const RouteTarget = z.strictObject({
  provider: Name,
  model: z.string().min(1).max(200),
  weight: z
    .number()
    .min(0)
    .max(1000)
    .optional()
    .describe('its share where the strategy is "weighted"; 1 when left out'),
  when: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe('a CEL expression over `request` and `caller`; the target is left out where it is not true'),
  capabilities: z
    .array(ModelCapability)
    .max(10)
    .optional()
    .describe('what the model can do; requests that need something else pass it by. Everything when left out'),
  contextTokens: z.number().int().min(1).optional().describe('the longest conversation that it takes'),
})
export type RouteTarget = z.infer<typeof RouteTarget>

/** How the targets of a route are put into the order in which they are tried. */
export const RouteStrategy = z.enum(['priority', 'weighted', 'least-cost', 'least-latency', 'adaptive'])
export type RouteStrategy = z.infer<typeof RouteStrategy>

/** The model name that agents and clients use, with the targets that can answer. */
export const RouteSpec = z.strictObject({
  targets: z.array(RouteTarget).min(1).max(32),
  strategy: RouteStrategy.optional().describe('"priority", the order as written, when left out'),
  stickyBy: z
    .enum(['user', 'key', 'cache-key'])
    .optional()
    .describe('requests of one user or key keep to one target where the strategy is "weighted"'),
  affinity: z
    .boolean()
    .optional()
    .describe(
      'keep long conversations where their prompt is cached, if the strategy leaves a choice; on when left out',
    ),
  dataClasses: z
    .array(Name)
    .max(50)
    .optional()
    .describe('the classes of the data that is sent here: it goes only to providers that may be sent all of them'),
  hedge: z
    .strictObject({ afterMs: z.number().int().min(10).max(60_000) })
    .optional()
    .describe('ask the next target too when the first has sent nothing for this long; the first answer wins'),
  shadow: z
    .strictObject({
      provider: Name,
      model: z.string().min(1).max(200),
      share: z.number().gt(0).max(1).describe('of the calls that were answered'),
    })
    .optional()
    .describe('ask this model too after a call was answered, and keep only the figures of its answers'),
  cache: z
    .strictObject({
      ttlSeconds: z.number().int().min(1).max(2_592_000),
      semantic: z
        .strictObject({
          embeddings: Name.describe('the route whose models embed the questions'),
          threshold: z
            .number()
            .min(0.5)
            .max(1)
            .default(0.95)
            .describe('how alike two questions have to be: the cosine of their embeddings'),
        })
        .optional()
        .describe('give the answer of a question that means the same too; never where the model has tools'),
    })
    .optional()
    .describe('keep answers, to give them again to the same request of the same key'),
  repairs: z
    .number()
    .int()
    .min(1)
    .max(3)
    .optional()
    .describe(
      'check answers against the JSON schema that was asked for, and ask again so often at most when one does not fit; a stream is then held back until it is whole',
    ),
})
export type RouteSpec = z.infer<typeof RouteSpec>
