import type { Citation } from '../../content.ts'
import type { WireCitation } from './wire.ts'

export function readCitation(value: WireCitation): Citation {
  const document = value.sources?.find(source => source.document)?.document
  const { title, url, snippet } = document ?? {}
  return {
    dialect: 'cohere-chat',
    ...(typeof title === 'string' && title && { title }),
    ...(typeof url === 'string' && url && { url }),
    ...(typeof snippet === 'string' && snippet && { citedText: snippet }),
    value,
  }
}
