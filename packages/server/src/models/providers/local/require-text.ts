import { CausewayError } from '@causeway/contracts'
import type { ModelRequest } from '../../model-request.ts'

/** @throws CausewayError invalid-request for pictures and other files: the local model reads text */
export function requireText({ messages }: ModelRequest): void {
  const index = messages.findIndex(({ content }) => content.some(({ type }) => type === 'media'))
  if (index >= 0)
    throw new CausewayError('invalid-request', 'The local model reads text only.', {
      problems: [{ pointer: `/messages/${index}`, message: 'expected text, got an image or another file' }],
    })
}
