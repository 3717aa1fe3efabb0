import type * as z from 'zod'
import { ProviderFailure } from '../provider-failure.ts'

/** The whole answer of a provider as its schema has it. @throws ProviderFailure */
export function readJson<Schema extends z.ZodType>(provider: string, answer: Buffer, schema: Schema): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(answer.toString('utf8')))
  } catch (cause) {
    throw new ProviderFailure('provider-failed', `The answer of provider "${provider}" cannot be read.`, {
      failureClass: 'transient',
      cause,
    })
  }
}
