import { CausewayError } from '@causeway/contracts'
import * as z from 'zod'
import { parseBody } from '../../dialects/parse-body.ts'

const Request = z.looseObject({
  query: z.string(),
  documents: z.array(z.string()).min(1),
  top_n: z.number().int().min(1).optional(),
  return_documents: z.boolean().optional(),
})

export interface RerankRequest {
  query: string
  documents: string[]
  /** How many of the documents are wanted. */
  most: number | undefined
  withDocuments: boolean | undefined
  /** Fields that only Cohere and its like know. */
  unknown: string[]
}

/**
 * Reads a request to rank documents as Cohere's clients send it, for a provider that says it otherwise.
 * @throws CausewayError invalid-json, invalid-request
 */
export function readRerankRequest(body: Buffer): RerankRequest {
  const parsed = Request.safeParse(parseBody(body))
  if (!parsed.success)
    throw new CausewayError('invalid-request', 'The request is no request to rank documents.', {
      problems: parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message })),
    })
  const { query, documents, top_n: most, return_documents: withDocuments, model: _, ...others } = parsed.data
  return { query, documents, most, withDocuments, unknown: Object.keys(others) }
}
