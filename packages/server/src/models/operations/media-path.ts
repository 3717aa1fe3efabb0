/** Where OpenAI's API has images and speech, below its version. */
export const mediaPaths = [
  '/images/generations',
  '/images/edits',
  '/images/variations',
  '/audio/speech',
  '/audio/transcriptions',
  '/audio/translations',
] as const
export type MediaPath = (typeof mediaPaths)[number]

/** A request as it is sent, with what its body is. */
export interface MediaBody {
  body: Buffer
  contentType: string
}
