import { CausewayError } from '@causeway/contracts'
import type { MediaBody } from './media-path.ts'

/** @throws CausewayError invalid-request */
export async function readForm(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'content-type': contentType } }).formData()
  } catch (error) {
    throw new CausewayError('invalid-request', 'The form cannot be read.', { cause: error })
  }
}

export async function writeForm(form: FormData): Promise<MediaBody> {
  const written = new Response(form)
  return {
    body: Buffer.from(await written.arrayBuffer()),
    contentType: written.headers.get('content-type') ?? '',
  }
}
