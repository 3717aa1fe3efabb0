import type { Citation } from '../../content.ts'
import type { WireAnnotation } from './wire.ts'

export const readAnnotation = (value: WireAnnotation): Citation => ({
  dialect: 'openai-responses',
  ...((value.title || value.filename) && { title: value.title || value.filename || '' }),
  ...(value.url && { url: value.url }),
  value,
})

/**
 * The annotations of a text with so many characters. Citations of other dialects that lead nowhere are left out.
 * They belong to the whole text, because other dialects do not say to which words.
 */
export function writeAnnotations(citations: readonly Citation[], length: number): unknown[] {
  return citations.flatMap(({ dialect, url, title, value }): unknown[] => {
    if (dialect === 'openai-responses') return [value]
    if (!url) return []
    return [{ type: 'url_citation', url, title: title ?? '', start_index: 0, end_index: length }]
  })
}
