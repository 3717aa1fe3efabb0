import * as z from 'zod'

/** What models can be shown beside text. */
export const AttachmentType = z.enum([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'audio/wav',
  'audio/mpeg',
  'text/plain',
  'text/markdown',
  'text/csv',
  'application/json',
])
export type AttachmentType = z.infer<typeof AttachmentType>

/** Bytes of one attachment, and of all that a run is given. */
export const attachmentBytesAtMost = 5 * 1024 * 1024
export const attachmentsBytesAtMost = 10 * 1024 * 1024

const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, 'expected a name without control characters')

/** A file that the user hands to the agent with what they say. */
export const NewAttachment = z.strictObject({
  name,
  mediaType: AttachmentType,
  data: z
    .base64()
    .max(Math.ceil(attachmentBytesAtMost / 3) * 4, 'expected at most 5 MiB, in base64')
    .describe('the bytes in base64, at most 5 MiB of them'),
})
export type NewAttachment = z.infer<typeof NewAttachment>

/** A file that a user has handed to an agent. Its bytes are read by its id. */
export const Attachment = z.object({
  id: z.string(),
  name: z.string(),
  mediaType: AttachmentType,
  bytes: z.number().int(),
  sha256: z.string(),
})
export type Attachment = z.infer<typeof Attachment>
