import { createHash } from 'node:crypto'
import {
  attachmentBytesAtMost,
  attachmentsBytesAtMost,
  CausewayError,
  type Attachment,
  type NewAttachment,
} from '@causeway/contracts'
import type { Connection, Scope } from '../database/index.ts'
import type { ModelMessage } from '../models/index.ts'
import { findAttachments, type StoredAttachment } from './attachment-store.ts'

type UserMessage = Extract<ModelMessage, { role: 'user' }>
type Part = UserMessage['content'][number]

/** Gives files their ids. @throws CausewayError invalid-request for too many bytes */
export function newAttachments(
  files: readonly NewAttachment[],
): { file: NewAttachment & { id: string }; attachment: Attachment }[] {
  let all = 0
  return files.map((file, index) => {
    const content = Buffer.from(file.data, 'base64')
    all += content.length
    const pointer = `/attachments/${index}/data`
    if (content.length > attachmentBytesAtMost) throw tooLong(pointer, 'An attachment', attachmentBytesAtMost)
    if (all > attachmentsBytesAtMost) throw tooLong(pointer, 'The attachments of a run', attachmentsBytesAtMost)
    const id = `file_${crypto.randomUUID()}`
    const { name, mediaType } = file
    const sha256 = createHash('sha256').update(content).digest('hex')
    return { file: { ...file, id }, attachment: { id, name, mediaType, bytes: content.length, sha256 } }
  })
}

const tooLong = (pointer: string, what: string, most: number): CausewayError =>
  new CausewayError('invalid-request', `${what} may have ${most} bytes at the most.`, {
    problems: [{ pointer, message: `expected at most ${most} bytes` }],
  })

/** The conversation with the files that users have handed over, as a model is sent it. */
export async function withAttachments(
  connection: Connection,
  scope: Scope,
  messages: readonly ModelMessage[],
  attached: ReadonlyMap<ModelMessage, readonly Attachment[]>,
): Promise<readonly ModelMessage[]> {
  const wanted = messages.flatMap(message => attached.get(message) ?? [])
  if (wanted.length === 0) return messages
  const found = await findAttachments(
    connection,
    scope,
    wanted.map(({ id }) => id),
  )
  return messages.map(message => {
    const files = attached.get(message)
    if (!files || message.role !== 'user') return message
    return { ...message, content: [...message.content, ...files.map(file => partOf(file, found.get(file.id)))] }
  })
}

const kinds = { image: 'image', audio: 'audio', application: 'document' } as const

function partOf({ name }: Attachment, stored: StoredAttachment | undefined): Part {
  if (!stored) return { type: 'text', text: `[The attachment ${name} was erased.]` }
  const { mediaType, data } = stored
  if (mediaType.startsWith('text/') || mediaType === 'application/json')
    return { type: 'text', text: `Attachment ${name}:\n${Buffer.from(data, 'base64').toString('utf8')}` }
  const [group] = mediaType.split('/')
  const media = kinds[group as keyof typeof kinds]
  return { type: 'media', media, mediaType, name, source: { type: 'base64', data } }
}
