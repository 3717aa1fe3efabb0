import type { Citation } from '../../content.ts'
import type { WireCandidate } from './wire.ts'

/** What a candidate says its text is based on: the results of searches, and texts that were recited. */
export function* citationsOf({ groundingMetadata, citationMetadata }: WireCandidate): Generator<Citation, void> {
  const supports = groundingMetadata?.groundingSupports ?? []
  for (const [index, chunk] of (groundingMetadata?.groundingChunks ?? []).entries()) {
    const source = chunk.web ?? chunk.maps ?? chunk.retrievedContext
    const cited = supports.find(({ groundingChunkIndices: indices }) => indices?.includes(index))?.segment?.text
    const citedText = cited ?? chunk.retrievedContext?.text
    yield {
      dialect: 'gemini',
      ...(source?.title && { title: source.title }),
      ...(source?.uri && { url: source.uri }),
      ...(citedText && { citedText }),
      value: chunk,
    }
  }
  for (const source of citationMetadata?.citations ?? citationMetadata?.citationSources ?? [])
    yield {
      dialect: 'gemini',
      ...(source.title && { title: source.title }),
      ...(source.uri && { url: source.uri }),
      value: source,
    }
}

/** Citations of other dialects as results of a search; those of this one stand in the fields of the candidate already. */
export function groundingFields(citations: readonly Citation[]): Record<string, unknown> {
  const chunks = citations
    .filter(({ dialect, url }) => dialect !== 'gemini' && url !== undefined)
    .map(({ url, title }) => ({ web: { uri: url, ...(title && { title }) } }))
  return chunks.length > 0 ? { groundingMetadata: { groundingChunks: chunks } } : {}
}
