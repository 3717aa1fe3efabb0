import { CausewayError } from '@causeway/contracts'
import * as z from 'zod'
import { parseBody } from '../../dialects/parse-body.ts'

const Tokens = z.array(z.number().int().min(0)).min(1)

/** A request for embeddings as OpenAI's clients send it, with `input_type`, which some other providers want to know. */
const Request = z.looseObject({
  model: z.string(),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1), Tokens, z.array(Tokens).min(1)]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  dimensions: z.number().int().min(1).optional(),
  input_type: z.string().max(100).optional(),
  user: z.string().optional(),
})

export interface EmbeddingRequest {
  texts: string[]
  encoding: 'float' | 'base64'
  dimensions: number | undefined
  /** Whether the texts are searched for or in, and the like, in the words of the client. */
  inputType: string | undefined
  /** Fields that only OpenAI's models know. */
  unknown: string[]
}

/**
 * Reads a request for a provider that embeds texts.
 * @throws CausewayError invalid-json, invalid-request; also for tokens, which mean something to the model only that they were made for
 */
export function readEmbeddingRequest(body: Buffer): EmbeddingRequest {
  const parsed = Request.safeParse(parseBody(body))
  if (!parsed.success)
    throw new CausewayError('invalid-request', 'The request is no request for embeddings.', {
      problems: parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message })),
    })
  const { model: _, input, encoding_format: encoding, dimensions, input_type: inputType, user, ...others } = parsed.data
  const inputs = typeof input === 'string' ? [input] : input
  const texts = inputs.filter(each => typeof each === 'string')
  if (texts.length < inputs.length)
    throw new CausewayError('invalid-request', 'This model embeds texts and not tokens.', {
      problems: [{ pointer: '/input', message: 'expected a text or an array of texts' }],
    })
  return { texts, encoding, dimensions, inputType, unknown: [...Object.keys(others), ...(user ? ['user'] : [])] }
}
