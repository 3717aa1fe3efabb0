import type { Citation } from '../../content.ts'
import type { WireCitation } from './wire.ts'

export function readCitation(value: WireCitation): Citation {
  const citedText = value.sourceContent?.map(({ text }) => text ?? '').join('')
  const url = value.location?.web?.url
  return {
    dialect: 'bedrock-converse',
    ...(value.title && { title: value.title }),
    ...(url && { url }),
    ...(citedText && { citedText }),
    value,
  }
}
