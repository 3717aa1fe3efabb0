import * as z from 'zod'
import type { Citation } from '../../content.ts'
import type { WireCitation } from './wire.ts'

const word = z.string().optional().catch(undefined)
const Document = z.object({ document: z.object({ title: word, url: word, snippet: word }) })

/** A citation; what it is based on is told apart only where that is a document. */
export function readCitation(value: WireCitation): Citation {
  const sources: unknown = value['sources']
  const documents = Array.isArray(sources) ? sources.flatMap(source => Document.safeParse(source).data ?? []) : []
  const { title, url, snippet } = documents[0]?.document ?? {}
  return {
    dialect: 'cohere-chat',
    ...(title && { title }),
    ...(url && { url }),
    ...(snippet && { citedText: snippet }),
    value,
  }
}
