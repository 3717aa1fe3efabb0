import type { OutgoingCall } from '../http-provider.ts'

/** The method of a call as the end of its address. */
export function methodOf({ operation, stream }: Pick<OutgoingCall, 'operation' | 'stream'>): string {
  if (operation === 'count-tokens') return 'countTokens'
  if (operation === 'embed') return 'batchEmbedContents'
  // Without `alt` Google streams one JSON array, which says nothing of its end until it is there.
  return stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
}
